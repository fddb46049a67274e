import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { createContext, Script } from 'node:vm'
import * as React from 'react'
import { afterAll, describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const APP = join(ROOT, 'manifest/hubspot/src/app')
const work = mkdtempSync(join(tmpdir(), 'hubspot-build-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

const EXTENSIONS = [
  ['cards', 'RoiCard'],
  ['pages', 'Pages'],
  ['settings', 'SettingsPage'],
] as const

/** HubSpot's own production build. It takes the mode from the environment, where a test has another one: own process. */
async function build(folder: string, entry: string, name: string): Promise<string> {
  const outputDir = join(work, name)
  const args = JSON.stringify({ root: folder, entryPoint: `${entry}.tsx`, outputDir, logLevel: 'warn' })
  const script = `import { remoteBuild } from '@hubspot/ui-extensions-dev-server/build'; await remoteBuild(${args})`
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production' },
  })
  expect(stderr).toBe('')
  return join(outputDir, `${entry}.js`)
}

/** Loads a bundle where HubSpot loads it, as far as it matters: its React, its worker's globals, and no DOM. */
function load(file: string): unknown[] {
  const extended: unknown[] = []
  const self = {
    __HUBSPOT_EXTENSION_WORKER__: true,
    extend_V2: (render: unknown) => extended.push(render),
    logger: {},
    hsWorkerAPI: {},
  }
  const globals = { React, RemoteUI: { createRemoteReactComponent: (name: string) => name }, self }
  new Script(readFileSync(file, 'utf8'), { filename: 'bundle.js' }).runInContext(createContext(globals))
  return extended
}

describe.each(EXTENSIONS)('%s', (folder, entry) => {
  it('builds with the builder of HubSpot and loads without a DOM', async () => {
    const file = await build(join(APP, folder), entry, folder)
    const size = statSync(file).size
    console.log(`${entry}.js: ${(size / 1024).toFixed(1)} KiB`)
    expect(size).toBeLessThan(64 * 1024)
    const extended = load(file)
    expect(extended).toEqual([expect.any(Function)])
    expect(readFileSync(file, 'utf8')).not.toMatch(/\b(XMLHttpRequest|localStorage|document\.|window\.)/)
  })
})

it('a planted use of the DOM builds and is caught by loading', async () => {
  const folder = join(work, 'planted')
  cpSync(join(APP, 'cards'), folder, { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
  writeFileSync(
    join(folder, 'planted.ts'),
    'export class Planted extends HTMLElement {}\nglobalThis.planted = Planted\n',
  )
  const entry = join(folder, 'RoiCard.tsx')
  writeFileSync(entry, `import './planted.ts'\n${readFileSync(entry, 'utf8')}`)
  const file = await build(folder, 'RoiCard', 'planted-out')
  expect(() => load(file)).toThrow('HTMLElement is not defined')
})
