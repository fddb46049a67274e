import { z } from 'zod'
import type { FormField } from '../api.ts'
import { closest } from '../closest.ts'
import { type Locale, RoiError, type Text } from '../errors.ts'
import { type ApiKey, type Auth, type Connector, FIELDS, type Field } from './contract.ts'

/**
 * The settings of a connector as a form and as values: everything is derived from its zod schema and from what
 * {@link FIELDS} says about each key.
 */

/** Settings that fit their schema, with the secrets apart. */
export interface ParsedSettings {
  /** All of them, for the connector. */
  readonly all: Readonly<Record<string, unknown>>
  /** Without the secrets, to be stored in the clear. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, string>>
}

/** What of a connector is needed to know its settings. */
type Described = Pick<Connector, 'id' | 'settings'> & Partial<Pick<Connector, 'auth'>>

/** The settings of a connector as fields of a form, in the order of its schema. */
export function formFields({ settings, auth }: Described, locale: Locale): FormField[] {
  return Object.entries(settings.shape).map(([key, schema]) => {
    const part = describe(schema)
    const { label, help, example } = part.field
    return {
      key,
      kind: part.field.secret ? 'secret' : part.kind,
      label: label?.[locale] ?? key,
      help: help?.[locale] ?? null,
      // Whoever fills in a form has no other way to prove who they are.
      required: isRequired(schema) || key === keyOf(auth)?.setting,
      default: part.field.secret ? null : plainDefault(part.preset),
      choices: part.choices.map(String),
      example: example ?? null,
    }
  })
}

/** Whether a setting is a secret. */
export function isSecret(settings: z.ZodObject, key: string): boolean {
  const schema = Object.hasOwn(settings.shape, key) ? settings.shape[key] : undefined
  return schema !== undefined && describe(schema).field.secret === true
}

/**
 * Settings as a command line or a form gives them: texts, or values of JSON; an empty text is none.
 * @throws RoiError `bad_connection_settings` naming each key that is wrong and what it may hold. Values are never repeated.
 */
export function parseSettings(connector: Described, given: Readonly<Record<string, unknown>>): ParsedSettings {
  const { shape } = connector.settings
  const unknown = Object.keys(given).filter((key) => !Object.hasOwn(shape, key))
  if (unknown.length > 0) throw unknownKeys(unknown, Object.keys(shape))
  const values: [string, unknown][] = []
  for (const [key, schema] of Object.entries(shape)) {
    const value = Object.hasOwn(given, key) ? fromGiven(describe(schema), given[key]) : undefined
    if (value !== undefined) values.push([key, value])
    else if (schema.safeParse(undefined).success === false && schema.safeParse(null).success) values.push([key, null])
  }
  const parsed = connector.settings.safeParse(Object.fromEntries(values))
  if (!parsed.success) throw wrongValues(connector, parsed.error, new Set(values.map(([key]) => key)))
  const entries = Object.entries(parsed.data).filter(([, value]) => value !== undefined)
  const secret = entries.filter(([key]) => isSecret(connector.settings, key))
  return {
    all: parsed.data,
    settings: Object.fromEntries(entries.filter(([key]) => !isSecret(connector.settings, key))),
    secrets: Object.fromEntries(secret.map(([key, value]) => [key, String(value)])),
  }
}

/** The secret of the settings that proves who we are; undefined where there is none. */
export function keyOf(auth: Auth | undefined): ApiKey | undefined {
  return auth?.type === 'oauth2' ? auth.also : auth?.type === 'api_key' ? auth : undefined
}

/**
 * Checks that settings which came from a form prove who we are.
 * @throws RoiError `bad_connection_settings`
 */
export function checkKey(connector: Described, { secrets }: ParsedSettings): void {
  const key = keyOf(connector.auth)
  if (!key || secrets[key.setting] !== undefined) return
  const missing: z.core.$ZodIssue = { code: 'custom', path: [key.setting], message: '', input: undefined }
  throw wrongValues(connector, new z.ZodError([missing]), new Set())
}

interface Part {
  readonly kind: Exclude<FormField['kind'], 'secret'>
  readonly field: Partial<Field>
  readonly choices: readonly (string | number)[]
  readonly preset: unknown
}

/** What zod says about itself, as far as it is needed here. */
interface Definition {
  readonly type: string
  readonly innerType?: z.core.$ZodType
  readonly element?: z.core.$ZodType
  readonly options?: readonly z.core.$ZodType[]
  readonly in?: z.core.$ZodType
  readonly defaultValue?: unknown
  readonly values?: readonly unknown[]
  readonly entries?: Readonly<Record<string, string | number>>
}

/** Looks through `optional`, `default` and the like; the outermost label counts. */
function describe(schema: z.core.$ZodType): Part {
  const definition = schema._zod.def as unknown as Definition
  const field = FIELDS.get(schema as z.ZodType)
  const through = definition.innerType ?? definition.in
  if (through) {
    const inner = describe(through)
    const preset = definition.defaultValue === undefined ? inner.preset : definition.defaultValue
    return { ...inner, field: { ...inner.field, ...field }, preset }
  }
  const element = definition.type === 'array' && definition.element ? describe(definition.element) : undefined
  const choices = element?.choices ?? choicesOf(definition)
  return { kind: kindOf(definition, choices), field: field ?? {}, choices, preset: undefined }
}

function choicesOf({ type, entries, values, options }: Definition): readonly (string | number)[] {
  if (type === 'enum') return Object.values(entries ?? {})
  if (type === 'literal')
    return (values ?? []).filter((value) => typeof value === 'string' || typeof value === 'number')
  if (type !== 'union') return []
  const each = (options ?? []).map((option) => choicesOf(option._zod.def as unknown as Definition))
  return each.every((choices) => choices.length > 0) ? each.flat() : []
}

function kindOf({ type }: Definition, choices: readonly unknown[]): Part['kind'] {
  if (type === 'array') return 'list'
  if (choices.length > 0) return 'choice'
  return type === 'number' || type === 'boolean' ? type : 'text'
}

function isRequired(schema: z.core.$ZodType): boolean {
  const { success } = z.safeParse(schema, undefined)
  return !success && !z.safeParse(schema, null).success
}

function plainDefault(preset: unknown): FormField['default'] {
  if (Array.isArray(preset)) return preset.join(',')
  return typeof preset === 'string' || typeof preset === 'number' || typeof preset === 'boolean' ? preset : null
}

const YES = new Set(['true', 'yes', 'y', 'on', '1', '是'])
const NO = new Set(['false', 'no', 'n', 'off', '0', '否'])

/** A text becomes what its setting is made of; what cannot is left for the schema to refuse. */
function fromGiven({ kind, choices }: Part, given: unknown): unknown {
  if (typeof given !== 'string') return given ?? undefined
  const text = given.trim()
  if (text === '') return undefined
  switch (kind) {
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
    case 'boolean':
      return YES.has(text.toLowerCase()) ? true : NO.has(text.toLowerCase()) ? false : text
    case 'choice':
      return choices.find((choice) => String(choice) === text) ?? text
    case 'list':
      return listOf(text)
    default:
      return text
  }
}

function listOf(text: string): unknown {
  if (text.startsWith('[')) {
    try {
      return JSON.parse(text)
    } catch {
      // Then it is a list of words, one of which begins with a bracket.
    }
  }
  return text
    .split(/[,，\n]/)
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

const CODE = 'bad_connection_settings'

function unknownKeys(unknown: readonly string[], keys: readonly string[]): RoiError {
  // What looks like anything but a name may be a secret at the wrong place.
  const named = unknown.find((key) => /^[a-z][a-z_-]{0,29}$/i.test(key))
  const near = named === undefined ? undefined : closest(named, keys)
  const list = keys.join(', ')
  const which =
    named === undefined ? { en: 'A setting', 'zh-CN': '某个设置项' } : { en: `"${named}"`, 'zh-CN': `“${named}”` }
  return new RoiError(
    'usage',
    CODE,
    { en: `${which.en} is not known to this connector.`, 'zh-CN': `该连接器没有设置项${which['zh-CN']}。` },
    {
      en: `${near ? `Did you mean ${near}? ` : ''}Settings: ${list || 'none'}.`,
      'zh-CN': `${near ? `是否想输入 ${near}？` : ''}可用的设置项：${list || '无'}。`,
    },
  )
}

/** Never carries the error of the schema along: it may repeat a value. */
function wrongValues({ settings }: Described, error: z.ZodError, given: ReadonlySet<string>): RoiError {
  const issues = new Map<string, z.core.$ZodIssue>()
  for (const issue of error.issues) {
    const key = String(issue.path[0] ?? '')
    if (!issues.has(key)) issues.set(key, issue)
  }
  const missing = [...issues.keys()].filter((key) => key !== '' && !given.has(key))
  const wrong = [...issues.keys()].filter((key) => key !== '' && given.has(key))
  const list = (keys: readonly string[], locale: Locale) => keys.join(locale === 'en' ? ', ' : '、')
  const text = (locale: Locale) =>
    [
      missing.length > 0 && SENTENCES.missing[locale](list(missing, locale)),
      wrong.length > 0 && SENTENCES.wrong[locale](list(wrong, locale)),
      missing.length + wrong.length === 0 && SENTENCES.together[locale],
    ]
      .filter((sentence) => sentence !== false)
      .join(locale === 'en' ? ' ' : '')
  const remedy = (locale: Locale) =>
    [...missing, ...wrong]
      .map((key) => `${key} = ${allowed(settings.shape[key] as z.core.$ZodType, issues.get(key))[locale]}`)
      .join(locale === 'en' ? '; ' : '；')
  return new RoiError(
    'usage',
    CODE,
    { en: text('en'), 'zh-CN': text('zh-CN') },
    missing.length + wrong.length === 0
      ? undefined
      : { en: `Expected: ${remedy('en')}.`, 'zh-CN': `应为：${remedy('zh-CN')}。` },
  )
}

const SENTENCES = {
  missing: {
    en: (keys: string) => `Missing: ${keys}.`,
    'zh-CN': (keys: string) => `缺少：${keys}。`,
  },
  wrong: {
    en: (keys: string) => `Not valid: ${keys}.`,
    'zh-CN': (keys: string) => `无效：${keys}。`,
  },
  together: { en: 'These settings do not go together.', 'zh-CN': '这些设置不能同时使用。' },
} as const

/** What a setting may hold, in words: its label, and what the schema wants. */
function allowed(schema: z.core.$ZodType, issue: z.core.$ZodIssue | undefined): Text {
  const { kind, choices, field } = describe(schema)
  const say = (locale: Locale) => {
    const parts = [choices.length > 0 ? choices.join(' | ') : WORDS[kind][locale], limit(issue, locale)]
    const wanted = parts.filter((part) => part !== '').join(', ')
    const example = field.example === undefined || field.secret ? '' : `, ${SUCH_AS[locale]}${field.example}`
    return field.label ? `${field.label[locale]} (${wanted}${example})` : `${wanted}${example}`
  }
  return { en: say('en'), 'zh-CN': say('zh-CN') }
}

const SUCH_AS = { en: 'such as ', 'zh-CN': '如 ' } as const
const WORDS: Readonly<Record<Part['kind'], Text>> = {
  text: { en: 'text', 'zh-CN': '文本' },
  number: { en: 'number', 'zh-CN': '数字' },
  boolean: { en: 'true | false', 'zh-CN': 'true | false' },
  choice: { en: 'one of them', 'zh-CN': '其中之一' },
  list: { en: 'list separated by commas', 'zh-CN': '用逗号分隔的列表' },
}

/** The limit a value broke. Formats are named, not shown: a pattern helps nobody. */
function limit(issue: z.core.$ZodIssue | undefined, locale: Locale): string {
  const zh = locale === 'zh-CN'
  switch (issue?.code) {
    case 'too_small':
      return unit(issue.origin, zh ? `至少 ${issue.minimum}` : `at least ${issue.minimum}`, locale)
    case 'too_big':
      return unit(issue.origin, zh ? `最多 ${issue.maximum}` : `at most ${issue.maximum}`, locale)
    case 'invalid_format':
      return issue.format === 'regex' ? '' : issue.format
    case 'invalid_type':
      return issue.expected === 'int' ? (zh ? '整数' : 'whole') : ''
    default:
      return ''
  }
}

function unit(origin: string, text: string, locale: Locale): string {
  return origin === 'string' ? `${text}${locale === 'zh-CN' ? ' 个字符' : ' characters'}` : text
}
