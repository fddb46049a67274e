import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { isRoiError, LOCALES } from '../src/errors.ts'
import { redact } from '../src/redact.ts'
import { generateEntry } from '../src/state/key-list.ts'

test('without an environment everything has a safe default', () => {
  expect(loadConfig({})).toEqual({
    dataDir: resolve('data'),
    host: '127.0.0.1',
    port: 3000,
    databaseUrl: undefined,
    keys: undefined,
    origins: {},
    clients: {},
    frameHosts: [],
    publicUrl: undefined,
    logLevel: 'info',
  })
})

test('variables are read, empty ones are not, the command line outranks them', () => {
  const environment = {
    ROI_PANEL_DATA: '/srv/roi',
    HOST: '0.0.0.0',
    PORT: '8080',
    ROI_PANEL_DATABASE_URL: 'postgresql://u:p@db:5432/roi',
    ROI_PANEL_PUBLIC_URL: 'https://roi.example.com/',
    ROI_PANEL_LOG_LEVEL: '',
  }
  expect(loadConfig(environment)).toEqual({
    dataDir: '/srv/roi',
    host: '0.0.0.0',
    port: 8080,
    databaseUrl: 'postgresql://u:p@db:5432/roi',
    keys: undefined,
    origins: {},
    clients: {},
    frameHosts: [],
    publicUrl: 'https://roi.example.com',
    logLevel: 'info',
  })
  expect(loadConfig(environment, { dataDir: '/tmp/x' }).dataDir).toBe('/tmp/x')
})

test('keys are read, and their errors name no value', () => {
  const { id, entry } = generateEntry()
  const config = loadConfig({ ROI_PANEL_KEYS: entry })
  expect(config.keys?.keys().map((key) => key.id)).toEqual([id])
  expect(JSON.stringify(config)).not.toContain(entry.split(':')[1])
  try {
    loadConfig({ ROI_PANEL_KEYS: 'main:hunter2' })
    expect.unreachable()
  } catch (error) {
    if (!isRoiError(error)) throw error
    expect([error.code, error.exitCode]).toEqual(['bad_keys', 2])
    for (const locale of LOCALES) {
      expect(error.describe(locale)).toContain('roi-panel keys generate')
      expect(error.describe(locale)).not.toContain('hunter2')
    }
  }
})

test('all wrong variables are named at once, without their values', () => {
  try {
    loadConfig({ PORT: '70000', ROI_PANEL_DATABASE_URL: 'mysql://u:secret@db/x', ROI_PANEL_LOG_LEVEL: 'loud' })
    expect.unreachable()
  } catch (error) {
    if (!isRoiError(error)) throw error
    expect([error.code, error.exitCode]).toEqual(['bad_environment', 2])
    const said = error.describe('en') + error.describe('zh-CN')
    for (const name of ['PORT', 'ROI_PANEL_DATABASE_URL', 'ROI_PANEL_LOG_LEVEL']) expect(said).toMatch(name)
    expect(said).not.toMatch('secret')
  }
})

test('apps registered at sources are told apart by connector; several secrets count while one is replaced', () => {
  const { clients } = loadConfig({
    ROI_PANEL_HUBSPOT_CLIENT_ID: ' app-1 ',
    ROI_PANEL_HUBSPOT_CLIENT_SECRET: 'new-secret, old-secret',
    ROI_PANEL_GOOGLE_ADS_CLIENT_SECRET: 'only-secret',
  })
  expect(clients).toEqual({
    hubspot: { id: 'app-1', secrets: ['new-secret', 'old-secret'] },
    'google-ads': { id: undefined, secrets: ['only-secret'] },
  })
  expect(redact('it was old-secret')).not.toContain('old-secret')
})
