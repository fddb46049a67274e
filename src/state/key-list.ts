import { RoiError, type Text } from '../errors.ts'
import { KEY_BYTES, type Key, type KeyRing, newKey, toKey } from './keyring.ts'

/**
 * Keys of the server profile, from `ROI_PANEL_KEYS`: `id:base64[,id:base64…]`, 32 random bytes each, the first one seals.
 * Errors name entries by their position; values are never repeated.
 */

const ID = /^[A-Za-z0-9._-]{1,64}$/
const BASE64 = /^[A-Za-z0-9+/_-]{43}=?$/
/** 32 random bytes have about 30 different values; fewer than this happens to none of them in practice. */
const FEWEST_VALUES = 16

const MAKE: Text = {
  en: 'Make one with "roi-panel keys generate" and set ROI_PANEL_KEYS to what it prints.',
  'zh-CN': '请用 “roi-panel keys generate” 生成密钥，并将 ROI_PANEL_KEYS 设为其输出。',
}

const MISSING: Text = {
  en: 'Put that key back into ROI_PANEL_KEYS, after the first one, or connect the source again.',
  'zh-CN': '请将该密钥放回 ROI_PANEL_KEYS（置于第一个之后），或重新连接该数据源。',
}

/**
 * The key ring of a list of keys.
 * @throws RoiError `bad_keys` naming what is wrong
 */
export function listedKeys(text: string): KeyRing {
  const entries = text.split(',').map((entry) => entry.trim())
  const keys = entries.map((entry, i) => parse(entry, i + 1))
  const seen = new Set<string>()
  for (const [i, { key, bytes }] of keys.entries()) {
    const names = [`id ${key.id}`, `key ${bytes.toString('hex')}`]
    if (names.some((name) => seen.has(name))) throw badKeys(i + 1, PROBLEMS.twice)
    for (const name of names) seen.add(name)
  }
  const ring = keys.map(({ key }) => key)
  return { remedy: MISSING, keys: () => ring }
}

/** A new entry for the list. */
export function generateEntry(): { readonly id: string; readonly entry: string } {
  const { id, bytes } = newKey()
  return { id, entry: `${id}:${bytes.toString('base64')}` }
}

/** The refusal of a server profile without keys. */
export function keysMissing(): RoiError {
  return new RoiError(
    'usage',
    'keys_missing',
    {
      en: 'With ROI_PANEL_DATABASE_URL, ROI_PANEL_KEYS must hold the key that secrets are sealed with.',
      'zh-CN': '设置了 ROI_PANEL_DATABASE_URL 时，必须在 ROI_PANEL_KEYS 中提供用于加密机密信息的密钥。',
    },
    MAKE,
  )
}

function parse(entry: string, position: number): { key: Key; bytes: Buffer } {
  const at = entry.indexOf(':')
  const [id, encoded] = [entry.slice(0, Math.max(0, at)), entry.slice(at + 1)]
  if (!ID.test(id)) throw badKeys(position, PROBLEMS.form)
  if (!BASE64.test(encoded)) throw badKeys(position, PROBLEMS.length)
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.length !== KEY_BYTES) throw badKeys(position, PROBLEMS.length)
  if (isWeak(bytes)) throw badKeys(position, PROBLEMS.weak)
  return { key: toKey(id, bytes), bytes }
}

/** Zeros, a repeated byte or pattern, or letters someone typed: no generator of random bytes gives those. */
function isWeak(bytes: Buffer): boolean {
  return new Set(bytes).size < FEWEST_VALUES || bytes.every((byte) => byte >= 0x20 && byte < 0x7f)
}

const PROBLEMS = {
  form: { en: 'is not of the form id:base64', 'zh-CN': '不是 id:base64 的格式' },
  length: { en: 'does not hold 32 bytes in base64', 'zh-CN': '不是 32 字节的 base64' },
  weak: { en: 'is not random', 'zh-CN': '不是随机密钥' },
  twice: { en: 'is there twice', 'zh-CN': '重复出现' },
} as const satisfies Record<string, Text>

function badKeys(position: number, problem: Text): RoiError {
  return new RoiError(
    'usage',
    'bad_keys',
    {
      en: `ROI_PANEL_KEYS: entry ${position} ${problem.en}.`,
      'zh-CN': `ROI_PANEL_KEYS：第 ${position} 项${problem['zh-CN']}。`,
    },
    {
      en: `Write id:base64(32 random bytes), separated by commas, the key to seal with first. ${MAKE.en}`,
      'zh-CN': `请写成 id:base64（32 个随机字节），用逗号分隔，第一个用于加密。${MAKE['zh-CN']}`,
    },
  )
}
