import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseProjectConfig } from '@hubspot/project-parsing-lib/projects'
import { translate } from '@hubspot/project-parsing-lib/translate'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const PROJECT = join(ROOT, 'manifest/hubspot')
const PROFILES = ['dev', 'prod'] as const
/** Type, file and internal name of every part. */
const PARTS = [
  ['app', 'app/app-hsmeta.json', 'APPLICATION'],
  ['card', 'app/cards/roi-card-hsmeta.json', 'CARD'],
  ['page', 'app/pages/pages-hsmeta.json', 'PAGE'],
  ['settings', 'app/settings/settings-hsmeta.json', 'SETTINGS'],
  ['webhooks', 'app/webhooks/webhooks-hsmeta.json', 'WEBHOOKS'],
] as const

type Json = { [key: string]: unknown }
const read = (path: string): Json => JSON.parse(readFileSync(join(PROJECT, path), 'utf8'))
const files = readdirSync(PROJECT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
  .map((entry) => relative(PROJECT, join(entry.parentPath, entry.name)))

const ajv = new Ajv({ strict: true, allErrors: true })
const schemas = new Map(
  ['hsproject', 'hsprofile', ...PARTS.map(([type]) => type)].map((name) => [
    name,
    ajv.compile(read(`schemas/${name}.schema.json`)),
  ]),
)

/** What is wrong with a file, as a list of places; empty when it is right. */
function mistakes(schema: string, value: unknown): string[] {
  const validate = schemas.get(schema)!
  return validate(value) ? [] : validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`)
}

async function parsed(profile: (typeof PROFILES)[number]) {
  const { platformVersion, srcDir } = parseProjectConfig(PROJECT)
  const context = { platformVersion, projectSourceDir: join(PROJECT, srcDir), accountId: 0 }
  return translate(context, { skipValidation: true, profile })
}

/** A file with the variables of a profile in place, by the library of HubSpot. */
async function resolved(profile: (typeof PROFILES)[number], file: string): Promise<Json> {
  const { intermediateRepresentation } = await parsed(profile)
  const raw = read(`src/${file}`)
  return { ...raw, config: intermediateRepresentation.intermediateNodesIndexedByUid[raw.uid as string]!.config }
}

const scopes = async () => {
  const app = await resolved('prod', 'app/app-hsmeta.json')
  return (app.config as { auth: Record<'requiredScopes' | 'optionalScopes' | 'conditionallyRequiredScopes', string[]> })
    .auth
}

describe.each(PROFILES)('profile %s', (profile) => {
  it('parses with the library of HubSpot: every part found, nothing skipped, all below the app', async () => {
    const { intermediateRepresentation, skippedHsMetaFiles } = await parsed(profile)
    expect(skippedHsMetaFiles).toEqual([])
    const nodes = Object.values(intermediateRepresentation.intermediateNodesIndexedByUid)
    expect(nodes.map(({ componentType }) => componentType).sort()).toEqual(PARTS.map(([, , name]) => name).sort())
    for (const node of nodes)
      if (node.componentType !== 'APPLICATION') expect(node.componentDeps.app).toBe('roi_panel_app')
    expect(JSON.stringify(nodes)).not.toContain('${')
  })

  it.each(PARTS)('%s keeps to its schema', async (type, file) => {
    expect(mistakes(type, await resolved(profile, file))).toEqual([])
    const entrypoint = ((await resolved(profile, file)).config as Json).entrypoint
    if (entrypoint) expect(files).toContain(`src${entrypoint}`)
  })

  it('keeps to its own schema, and every address of the project is https and the backend', async () => {
    const { variables } = read(`src/hsprofile.${profile}.json`) as { variables: Record<string, string> }
    expect(mistakes('hsprofile', read(`src/hsprofile.${profile}.json`))).toEqual([])
    const app = (await resolved(profile, 'app/app-hsmeta.json')).config as Json
    const urls = app.permittedUrls as Record<string, string[]>
    expect(urls).toEqual({ fetch: [variables.BACKEND_URL], iframe: [variables.BACKEND_URL], img: [] })
    for (const url of Object.values(urls).flat()) expect(new URL(url).protocol).toBe('https:')
  })
})

/** A copy with one place changed; `undefined` takes the place away. */
function planted(part: Json, path: string, value: unknown): Json {
  const copy: Json = JSON.parse(JSON.stringify(part))
  const steps = path.split('.')
  const last = steps.pop()!
  const place = steps.reduce((at, step) => at[step] as Json, copy)
  place[last] = value
  return JSON.parse(JSON.stringify(copy))
}

describe('a planted mistake fails', () => {
  it.each([
    ['app', 'config.nmae', 'x'],
    ['app', 'permissions', {}],
    ['app', 'config.permittedUrls.fetch.1', 'http://roi.example.com'],
    ['app', 'config.permittedUrls.fetch.1', 'https://localhost:8080'],
    ['app', 'config.permittedUrls.fetch.0', 'https://*.example.com'],
    ['app', 'config.auth.requiredScopes.0', 'openid'],
    ['app', 'config.auth.type', 'static'],
    ['card', 'config.location', 'crm.record.left'],
    ['card', 'config.objectTypes.0', 'deal'],
    ['card', 'config.entrypoint', '/app/cards/deep/RoiCard.tsx'],
    ['page', 'type', 'pages'],
    ['settings', 'uid', 'a b'],
    ['webhooks', 'config.settings.targetUrl', 'https://roi.example.com/webhooks/hubspot?key=1'],
    ['webhooks', 'config.settings.maxConcurrentRequests', 5],
    ['webhooks', 'config.subscriptions.crmObjects.0.propertyName', undefined],
    ['webhooks', 'config.subscriptions.crmObjects.0.objectName', 'deal'],
    ['webhooks', 'config.subscriptions.hubEvents.0.subscriptionType', 'contact.creation'],
  ])('%s: %s', async (type, path, value) => {
    const file = PARTS.find(([name]) => name === type)![1]
    expect(mistakes(type, planted(await resolved('prod', file), path, value))).not.toEqual([])
  })

  it('in the project and in a profile', () => {
    expect(mistakes('hsproject', read('hsproject.json'))).toEqual([])
    expect(mistakes('hsproject', { ...read('hsproject.json'), platformVersion: '2025.1' })).not.toEqual([])
    const profile = read('src/hsprofile.prod.json') as { variables: Json }
    const leaked = { ...profile, variables: { ...profile.variables, CLIENT_SECRET: 'x' } }
    expect(mistakes('hsprofile', leaked)).not.toEqual([])
  })
})

describe('webhooks', () => {
  it('are those the backend acts on', async () => {
    const { config } = await resolved('prod', 'app/webhooks/webhooks-hsmeta.json')
    const { crmObjects } = (config as { subscriptions: { crmObjects: Record<string, string>[] } }).subscriptions
    const changes = crmObjects
      .filter((item) => item.propertyName)
      .map((item) => `${item.objectType}.${item.propertyName}`)
    expect(changes).toEqual([
      'deal.dealstage',
      'deal.amount',
      'deal.closedate',
      'deal.deal_currency_code',
      'deal.pipeline',
      'contact.lifecyclestage',
      'contact.email',
    ])
    const events = crmObjects
      .filter((item) => !item.propertyName)
      .map((item) => `${item.objectType} ${item.subscriptionType}`)
    for (const object of ['deal', 'contact', 'company'])
      for (const event of ['creation', 'deletion', 'merge', 'restore'])
        expect(events).toContain(`${object} object.${event}`)
    expect(events).toHaveLength(12)
    // HubSpot lets an app subscribe only to what it may read.
    const { requiredScopes } = await scopes()
    for (const plural of ['deals', 'contacts', 'companies'])
      expect(requiredScopes).toContain(`crm.objects.${plural}.read`)
  })
})

describe('scopes', () => {
  const TABLES = ['README.md', 'README.zh-CN.md', 'listing.md']
  const KINDS = {
    requiredScopes: ['required', '必需'],
    optionalScopes: ['optional', '可选'],
    conditionallyRequiredScopes: ['conditional', '按条件'],
  } as const

  const SCOPE_ROW = /^\| `([a-z][a-z0-9._]*)` \| (required|optional|conditional|必需|可选|按条件) \|/gm

  it.each(TABLES)('of the manifest are those of the table in %s', async (file) => {
    const auth = await scopes()
    const table = [...readFileSync(join(PROJECT, file), 'utf8').matchAll(SCOPE_ROW)]
    const listed = table.map(([, scope, kind]) => `${scope} ${kind}`).sort()
    const words = (kind: keyof typeof KINDS) => KINDS[kind][file.includes('zh-CN') ? 1 : 0]
    const wanted = Object.keys(KINDS).flatMap((kind) =>
      auth[kind as keyof typeof KINDS].map((scope) => `${scope} ${words(kind as keyof typeof KINDS)}`),
    )
    expect(listed).toEqual(wanted.sort())
  })

  it('are those the connector asks for: no more, no fewer', async () => {
    const settings = readFileSync(join(ROOT, 'connectors/hubspot/settings.ts'), 'utf8')
    const sentence = settings.match(/'In HubSpot: [^']*'/)![0]
    const needed = sentence.match(/\b[a-z_]+(\.[a-z_]+)+\b|\bforms\b/g)!
    const { requiredScopes, optionalScopes, conditionallyRequiredScopes } = await scopes()
    const asked = [...requiredScopes, ...optionalScopes, ...conditionallyRequiredScopes]
    expect(asked.sort()).toEqual([...needed, 'oauth'].sort())
  })
})

describe('the folder', () => {
  it('holds no secret, no key, no account', () => {
    const SECRETS =
      /client[_-]?secret["']?\s*[:=]|-----BEGIN|\bpat-[a-z]{2}\d|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\beyJ[\w-]{10}|(api[_-]?key|token|password)["']?\s*[:=]\s*["'][^"']/i
    for (const file of files)
      expect([file, readFileSync(join(PROJECT, file), 'utf8').match(SECRETS)?.[0]]).toEqual([file, undefined])
    for (const profile of PROFILES) expect(read(`src/hsprofile.${profile}.json`).accountId).toBe(0)
  })

  it('uses nothing but the components of HubSpot: no HTML element, no fetch of the browser, no DOM, nothing experimental', () => {
    const FORBIDDEN =
      /(?<![\w.)\]])<\/?[a-z][a-z0-9]*[\s/>]|(?<![.\w])fetch\(|\b(document|window|localStorage)\.|ui-extensions\/experimental|from '\.\.\//
    const code = files.filter((file) => /\.tsx?$/.test(file))
    expect(code.length).toBeGreaterThan(20)
    for (const planted of [
      'return <div>',
      '</p>',
      '(<br/>)',
      'await fetch(url)',
      'window.open',
      "from '../cards/x.ts'",
    ])
      expect(planted).toMatch(FORBIDDEN)
    for (const file of code) {
      const text = readFileSync(join(PROJECT, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')
      expect([file, text.match(FORBIDDEN)?.[0]]).toEqual([file, undefined])
    }
  })

  it('has the address of the backend in profiles only', () => {
    for (const file of files.filter((name) => name.startsWith('src/app')))
      expect([file, readFileSync(join(PROJECT, file), 'utf8').includes('example.com')]).toEqual([file, false])
  })

  it('pins what HubSpot builds with to what is tested here', () => {
    const own = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).devDependencies as Record<string, string>
    for (const folder of ['cards', 'pages', 'settings']) {
      const { dependencies, devDependencies } = read(`src/app/${folder}/package.json`) as Record<
        string,
        Record<string, string>
      >
      for (const name of ['@hubspot/ui-extensions', 'react']) expect(dependencies![name]).toBe(own[name])
      expect(devDependencies!['@types/react']).toBe(own['@types/react'])
    }
  })
})
