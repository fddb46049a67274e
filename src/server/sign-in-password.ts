import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { RoiError } from '../errors.ts'

/**
 * Passwords as they are kept: `scrypt$ln=15,r=8,p=3$salt$hash`, both in base64url. The parameters stand in the record, so
 * that they can be raised; 32 MB and about 0.2 s each (OWASP's choice for scrypt).
 */
const LN = 15
const R = 8
const P = 3
const SALT_BYTES = 16
const HASH_BYTES = 32
export const MIN_PASSWORD = 12
export const MAX_PASSWORD = 200
/** Each takes memory and a thread; the rest wait. */
const AT_ONCE = 2

/** @throws RoiError `weak_password` */
export function checkPassword(password: string): void {
  const length = [...password].length
  if (length >= MIN_PASSWORD && length <= MAX_PASSWORD && new Set(password).size > 4) return
  throw new RoiError(
    'usage',
    'weak_password',
    { en: 'This password is too easy to guess.', 'zh-CN': '密码过于简单。' },
    {
      en: `Use ${MIN_PASSWORD} to ${MAX_PASSWORD} characters, such as four words that do not belong together.`,
      'zh-CN': `请使用 ${MIN_PASSWORD} 到 ${MAX_PASSWORD} 个字符，例如几个互不相关的词。`,
    },
  )
}

/** The record of a password. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await derive(password, salt, LN, R, P)
  return `scrypt$ln=${LN},r=${R},p=${P}$${salt.toString('base64url')}$${hash.toString('base64url')}`
}

/** Takes as long for a record that is not there, so that nobody learns who has one. */
export async function isPassword(password: string, record: string | undefined): Promise<boolean> {
  const known = RECORD.exec(record ?? '')
  const [, ln, r, p, salt = '', hash = ''] = known ?? RECORD.exec(DUMMY)!
  const wanted = Buffer.from(hash, 'base64url')
  const given = await derive(password, Buffer.from(salt, 'base64url'), Number(ln), Number(r), Number(p))
  return wanted.length === given.length && timingSafeEqual(wanted, given) && known !== null
}

const RECORD = /^scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]+)\$([\w-]+)$/
const DUMMY = `scrypt$ln=${LN},r=${R},p=${P}$${'A'.repeat(22)}$${'A'.repeat(43)}`

let running = 0
const waiting: (() => void)[] = []

async function derive(password: string, salt: Buffer, ln: number, r: number, p: number): Promise<Buffer> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  else running += 1
  try {
    const options: ScryptOptions = { N: 2 ** ln, r, p, maxmem: 2 ** ln * r * 256 }
    return await new Promise((resolve, reject) => {
      scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, hash) => {
        if (error) reject(error)
        else resolve(hash)
      })
    })
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
}
