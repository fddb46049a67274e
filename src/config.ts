import { resolve } from 'node:path'
import { z } from 'zod'
import { RoiError } from './errors.ts'
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
  /** Stand-ins for the addresses of sources, by connector id; loopback only, for tests and proxies of one's own. */
  readonly origins: Readonly<Record<string, string>>
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
    origins: originsOf(set),
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
