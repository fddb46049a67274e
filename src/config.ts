import { resolve } from 'node:path'
import { z } from 'zod'
import { RoiError } from './errors.ts'
import { addSecret } from './redact.ts'
import { listedKeys } from './state/key-list.ts'
import type { KeyRing } from './state/keyring.ts'

/**
 * The only place that reads the environment. Everything else gets a complete {@link Config}; nothing else has a
 * default of its own.
 */
export interface Config {
  /** Data directory, absolute. Made on first use by whoever writes into it. */
  readonly dataDir: string
  /** Address the server listens on. */
  readonly host: string
  readonly port: number
  /** PostgreSQL that holds facts and state: the server profile; undefined = both in files of {@link Config.dataDir}. */
  readonly databaseUrl: string | undefined
  /** Keys of the server profile; the embedded one makes its own. No log and no JSON of it shows them. */
  readonly keys: KeyRing | undefined
  /** Address under which others reach the server, without a trailing slash; undefined = only this machine does. */
  readonly publicUrl: string | undefined
  readonly logLevel: LogLevel
  /** Origins, besides those of HubSpot, that may frame the embedded panel. Each by its full name. */
  readonly frameHosts: readonly string[]
  /** Stand-ins for the addresses of sources, by connector id; loopback only, for tests and proxies of one's own. */
  readonly origins: Readonly<Record<string, string>>
  /** Our app at each source, by connector id. Several secrets count while one is being replaced. */
  readonly clients: Readonly<Record<string, { readonly id: string | undefined; readonly secrets: readonly string[] }>>
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const Environment = z.object({
  ROI_PANEL_DATA: z.string().default('./data'),
  HOST: z.string().default('127.0.0.1'),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .refine((port) => port <= 65_535)
    .default(3000),
  ROI_PANEL_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  ROI_PANEL_KEYS: z.string().optional(),
  ROI_PANEL_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  ROI_PANEL_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  ROI_PANEL_FRAME_HOSTS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((origin) => origin.trim())
        .filter(Boolean),
    )
    .refine((origins) => origins.every(isFrameHost)),
})
type Variable = keyof z.infer<typeof Environment>

/** What each variable may hold, for the error. Values are never repeated: a database URL holds a password. */
const ALLOWED: Readonly<Record<Variable, string>> = {
  ROI_PANEL_DATA: './data',
  HOST: '127.0.0.1',
  PORT: '0 … 65535',
  ROI_PANEL_DATABASE_URL: 'postgres://user:password@host:5432/database',
  ROI_PANEL_KEYS: 'id:base64[,id:base64 …]',
  ROI_PANEL_PUBLIC_URL: 'https://roi.example.com',
  ROI_PANEL_LOG_LEVEL: LOG_LEVELS.join(' | '),
  ROI_PANEL_FRAME_HOSTS: 'https://crm.example.com[,https://…]',
}

/** An origin by its full name: https, or http on this machine for tests; no wildcard, path, user or upper case. */
function isFrameHost(text: string): boolean {
  if (/[*;,'"\s]/.test(text) || !URL.canParse(text)) return false
  const { protocol, hostname, origin } = new URL(text)
  const local = hostname === 'localhost' || hostname === '127.0.0.1'
  return origin === text && (protocol === 'https:' || (protocol === 'http:' && local))
}

/**
 * Reads the environment. An empty variable counts as one that is not set.
 * @param overrides what the command line says; outranks the environment
 * @throws RoiError `bad_environment` naming every variable that is wrong and what it may hold; `bad_keys`
 */
export function loadConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  overrides: { readonly dataDir?: string | undefined } = {},
): Config {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()))
  const parsed = Environment.safeParse(set)
  if (!parsed.success) throw badEnvironment(parsed.error)
  const { data } = parsed
  return {
    dataDir: resolve(overrides.dataDir ?? data.ROI_PANEL_DATA),
    host: data.HOST,
    port: data.PORT,
    databaseUrl: data.ROI_PANEL_DATABASE_URL,
    keys: data.ROI_PANEL_KEYS === undefined ? undefined : listedKeys(data.ROI_PANEL_KEYS),
    publicUrl: data.ROI_PANEL_PUBLIC_URL,
    logLevel: data.ROI_PANEL_LOG_LEVEL,
    frameHosts: data.ROI_PANEL_FRAME_HOSTS,
    origins: originsOf(set),
    clients: clientsOf(set),
  }
}

const ORIGIN = 'ROI_PANEL_ORIGIN_'

/** `ROI_PANEL_ORIGIN_GOOGLE_ADS` is of connector `google-ads`. That it is loopback is checked where it is used. */
function originsOf(environment: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const found = Object.entries(environment).filter(([name]) => name.startsWith(ORIGIN))
  return Object.fromEntries(
    found.map(([name, value]) => [name.slice(ORIGIN.length).toLowerCase().replaceAll('_', '-'), value?.trim() ?? '']),
  )
}

const CLIENT = /^ROI_PANEL_([A-Z0-9_]+)_CLIENT_(ID|SECRET)$/

/** `ROI_PANEL_HUBSPOT_CLIENT_ID` and `ROI_PANEL_HUBSPOT_CLIENT_SECRET`; several secrets are separated by commas. */
function clientsOf(environment: Readonly<Record<string, string | undefined>>): Config['clients'] {
  const clients: Record<string, { id: string | undefined; secrets: readonly string[] }> = {}
  for (const [name, value = ''] of Object.entries(environment)) {
    const [, connector, part] = CLIENT.exec(name) ?? []
    if (!connector) continue
    const key = connector.toLowerCase().replaceAll('_', '-')
    clients[key] ??= { id: undefined, secrets: [] }
    if (part === 'ID') clients[key].id = value.trim()
    else clients[key].secrets = value.split(',').flatMap((secret) => secret.trim() || [])
  }
  for (const { secrets } of Object.values(clients)) for (const secret of secrets) addSecret(secret)
  return clients
}

/** A variable that a person names on the command line; undefined when it is not set, or empty. */
export function environmentValue(name: string): string | undefined {
  return process.env[name]?.trim() || undefined
}

function badEnvironment(error: z.ZodError): RoiError {
  const names = [...new Set(error.issues.map((issue) => issue.path[0] as Variable))]
  const expected = names.map((name) => `${name} = ${ALLOWED[name]}`).join('; ')
  return new RoiError(
    'usage',
    'bad_environment',
    {
      en: `Environment variable not understood: ${names.join(', ')}.`,
      'zh-CN': `无法理解环境变量：${names.join('、')}。`,
    },
    { en: `Expected: ${expected}.`, 'zh-CN': `应为：${expected}。` },
  )
}
