/**
 * Takes out of texts and values what nobody should read in a log or an error: credentials and personal data. By value
 * (secrets this process knows), by name (`token`, `authorization` …) and by look (bearer tokens, JWTs, queries of URLs,
 * e-mail addresses), at any depth.
 */

/** What stands in place of what was taken out. */
export const CENSOR = '[redacted]'

/** Shorter secrets are not looked for: they would blank out ordinary words. */
const SHORTEST = 6
/** Spellings of secrets remembered; the oldest are forgotten first. */
const MAX_KNOWN = 10_000
/** Longer texts are cut: a log line is no place for them. */
const MAX_TEXT = 32_768
/** Cut off once more, as it may hold the beginning of a secret that the cut went through. */
const MARGIN = 4096

/** Secrets by how they begin, so that the cost of a search does not grow with their number. */
class Known {
  readonly #secrets = new Set<string>()
  readonly #byStart = new Map<string, string[]>()

  add(value: string): void {
    for (const secret of spellings(value)) {
      if (secret.length < SHORTEST || this.#secrets.has(secret)) continue
      this.#secrets.add(secret)
      const start = secret.slice(0, SHORTEST)
      const list = [...(this.#byStart.get(start) ?? []), secret]
      // The longest first: a secret may begin with another one.
      this.#byStart.set(
        start,
        list.sort((a, b) => b.length - a.length),
      )
      if (this.#secrets.size > MAX_KNOWN) for (const oldest of this.#secrets) if (this.#forget(oldest)) break
    }
  }

  hide(text: string): string {
    if (this.#secrets.size === 0) return text
    let out = ''
    let from = 0
    for (let i = 0; i + SHORTEST <= text.length; ) {
      const found = this.#byStart.get(text.slice(i, i + SHORTEST))?.find((secret) => text.startsWith(secret, i))
      if (found === undefined) {
        i += 1
        continue
      }
      out += text.slice(from, i) + CENSOR
      i += found.length
      from = i
    }
    return from === 0 ? text : out + text.slice(from)
  }

  #forget(secret: string): boolean {
    const start = secret.slice(0, SHORTEST)
    const list = (this.#byStart.get(start) ?? []).filter((other) => other !== secret)
    if (list.length > 0) this.#byStart.set(start, list)
    else this.#byStart.delete(start)
    return this.#secrets.delete(secret)
  }
}

/** How a secret may be written: as it is, in an address, in JSON, in base64. */
function spellings(value: string): string[] {
  const base64 = Buffer.from(value).toString('base64').replace(/=+$/, '')
  return [value, value.trim(), urlEncoded(value), JSON.stringify(value).slice(1, -1), base64]
}

function urlEncoded(value: string): string {
  try {
    return encodeURIComponent(value)
  } catch {
    // Half a surrogate pair cannot be part of an address.
    return value
  }
}

const known = new Known()

/** Makes a secret known to this process: from now on it is taken out of every text. */
export function addSecret(value: string): void {
  known.add(value)
}

const NAMES =
  'tokens?|secrets?|passwords?|passwd|pwd|passphrase|api[_-]?keys?|access[_-]?keys?|private[_-]?keys?|credentials?|' +
  'authorization|cookies?|session[_-]?id|sid|signature|hapikey|auth(?=\\\\*["\'])'

/** `key: value` and `"key":"value"`, also inside of JSON inside of JSON. */
const NAMED = new RegExp(
  `((?:${NAMES})(\\\\*["'])?\\s*[:=]\\s*)` +
    `("(?:[^"\\\\]|\\\\.)*"|\\\\+"[^"\\\\]*\\\\+"|'[^']*'|(?![[{])[^\\s"'\\\\,;&<>)}\\]]+)`,
  'gi',
)
/** Headers whose value has spaces and semicolons: hidden to the end of the line. */
const HEADER = /\b((?:proxy-)?authorization|(?:set-)?cookie)(\\*["']?\s*[:=]\s*\\*["']?)(?![[{\s])[^"'\r\n\\]+/gi
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}-----|$)/g, CENSOR],
  // user:password@ of an address
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#"'<>\\]{1,512}@/gi, `$1${CENSOR}@`],
  [HEADER, `$1$2${CENSOR}`],
  [/\b(bearer)\s+[^\s"',;<>\\]{4,}/gi, `$1 ${CENSOR}`],
  [/\b([Bb]asic|BASIC)\s+(?=[^\s"']{0,200}[\d=]|[^\s"']{1,200}[A-Z])[A-Za-z0-9+/_-]{8,}={0,2}/g, `$1 ${CENSOR}`],
  [/\b((?:[\w-]{0,20}oauthtoken|oauth|token|api[-_]?key))\s+[\w.~+/=-]{16,}/gi, `$1 ${CENSOR}`],
  // queries and fragments of addresses
  [/([?#])[\w.%~$[\]-]{1,64}=[^\s"'<>\\]*/g, `$1${CENSOR}`],
  [/\beyJ[\w-]{8,}(?:\.[\w-]*){1,4}/g, CENSOR],
  [
    /\b(?:pat-[a-z]{2}\d?-[\w-]{8,}|gh[a-z]_\w{16,}|github_pat_\w{16,}|sk[-_]\w[\w-]{15,}|sh[a-z]{2,3}_[0-9a-f]{16,}|xox[a-z]-[\w-]{10,}|AKIA[A-Z0-9]{12,}|AIza[\w-]{20,}|ya29\.[\w.-]{10,}|whsec_[\w+/=-]{16,}|1000\.[0-9a-f]{32}\.[0-9a-f]{32}|00D\w{12,15}![\w.]+)/g,
    CENSOR,
  ],
]
/** Keys in hexadecimal. Digests of files look the same; nobody misses them. */
const HEX = /\b[0-9a-f]{32,}\b/gi
const LONG = /[\w-]{40,}/g
const EMAIL =
  /[\p{L}\p{N}._+'-]{1,64}(?:@|%40)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,8}\.\p{L}[\p{L}\p{N}-]{1,24}/gu

/**
 * The text without credentials and e-mail addresses. What is already taken out stays as it is.
 * @param secrets values to take out besides those the process knows
 */
export function redact(text: string, secrets: Iterable<string> = []): string {
  let left = text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text
  const own = new Known()
  for (const secret of secrets) own.add(secret)
  left = known.hide(own.hide(left))
  if (left.length > 3) {
    for (const [pattern, by] of PATTERNS) left = left.replaceAll(pattern, by)
    left = left.replaceAll(NAMED, named)
    left = left.replaceAll(HEX, CENSOR)
    left = left.replaceAll(LONG, (word) => (isRandom(word) ? CENSOR : word))
    if (left.includes('@') || left.includes('%40')) left = left.replaceAll(EMAIL, CENSOR)
  }
  return text.length > MAX_TEXT ? `${left.slice(0, -MARGIN)} … [cut]` : left
}

/** Keeps the quotes, so that JSON stays JSON. */
function named(_match: string, name: string, quote: string | undefined, value: string): string {
  if (/^(?:null|true|false|undefined)$/.test(value)) return name + value
  const [open] = /^\\*["']/.exec(value) ?? [quote ?? '']
  return name + open + CENSOR + open
}

/** Letters of both cases and digits, as long as only a machine writes them. */
function isRandom(word: string): boolean {
  return /\d/.test(word) && /[a-z]/.test(word) && /[A-Z]/.test(word)
}

const SECRET_NAME =
  /token$|tokens$|secret|passw(?:or)?d|passphrase|pwd$|apikey|accesskey|privatekey|credential|authorization|^auth$|cookie|sessionid$|^sid$|signature$|hapikey|jwt$/
const PERSONAL_NAME = /^(?:e?mail|phone|mobile|tel|fax)(?:number|address)?$/

/** Whether a field of this name holds a credential. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(plainName(name))
}

function isHidden(name: string): boolean {
  const plain = plainName(name)
  return SECRET_NAME.test(plain) || PERSONAL_NAME.test(plain)
}

function plainName(name: string): string {
  return name
    .slice(0, 80)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
}

const MAX_DEPTH = 16
const MAX_ITEMS = 200

/** A copy of any value that JSON can hold, without credentials and personal data. Never throws. */
export function redactValue(value: unknown): unknown {
  return copy(value, 0, new Set())
}

function copy(value: unknown, depth: number, above: ReadonlySet<object>): unknown {
  if (typeof value === 'string') return redact(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return '[too deep]'
  if (above.has(value)) return '[circular]'
  const inside = new Set(above).add(value)
  try {
    return copyObject(value, (inner) => copy(inner, depth + 1, inside))
  } catch {
    // A getter or a proxy of somebody else's.
    return '[unreadable]'
  }
}

type Copy = (value: unknown) => unknown

function copyObject(value: object, inner: Copy): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof URL || value instanceof URLSearchParams) return redact(String(value))
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  if (value instanceof Error) return copyError(value, inner)
  if (Array.isArray(value)) return copyList(value, inner)
  if (value instanceof Map)
    return copyFields(
      [...value].map(([key, item]) => [String(key), item]),
      inner,
    )
  if (value instanceof Set) return copyList([...value], inner)
  if (Symbol.iterator in value && 'entries' in value && typeof value.entries === 'function') {
    // Headers and what else is a list of names and values.
    return copyFields([...(value.entries() as Iterable<[string, unknown]>)], inner)
  }
  return copyFields(Object.entries(value), inner)
}

function copyError(error: Error, inner: Copy): unknown {
  const { name, message, stack, cause } = error
  const own = Object.entries(error).filter(([key]) => key !== 'name')
  return {
    type: redact(name),
    message: redact(message),
    ...(stack !== undefined && { stack: redact(stack) }),
    ...(cause !== undefined && { cause: inner(cause) }),
    ...(error instanceof AggregateError && { errors: inner(error.errors) }),
    ...(copyFields(own, inner) as object),
  }
}

/** Lists of names and values one after another are how sockets keep headers. */
function copyList(list: readonly unknown[], inner: Copy): unknown[] {
  const copied = list.slice(0, MAX_ITEMS).map((item, i) => {
    const before = list[i - 1]
    return typeof item === 'string' && typeof before === 'string' && isSecretName(before) ? CENSOR : inner(item)
  })
  return list.length > MAX_ITEMS ? [...copied, `… ${list.length - MAX_ITEMS} more`] : copied
}

function copyFields(fields: readonly (readonly [string, unknown])[], inner: Copy): Record<string, unknown> {
  const named = fields.find(([key, value]) => /^(?:name|key|header|field)$/i.test(key) && typeof value === 'string')
  const hidesValue = named !== undefined && isHidden(String(named[1]))
  const copied = fields.slice(0, MAX_ITEMS).map(([key, value]): [string, unknown] => {
    const hidden = isHidden(key) || (hidesValue && key.toLowerCase() === 'value')
    const kept = value === null || value === undefined || typeof value === 'boolean'
    return [redact(key), hidden && !kept ? CENSOR : inner(value)]
  })
  if (fields.length > MAX_ITEMS) copied.push(['…', `${fields.length - MAX_ITEMS} more`])
  return Object.fromEntries(copied)
}
