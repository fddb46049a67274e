import { RoiError } from '../errors.ts'
import { addSecret } from '../redact.ts'
import { note } from './audit.ts'
import { type KeyRing, seal, unseal } from './keyring.ts'
import type { Sql, Store } from './sql.ts'
import type { KeyUse, State } from './state.ts'

interface SecretRow {
  readonly tenant_id: number
  readonly connection_id: string
  readonly field: string
  readonly key_id: string
  readonly sealed: string
}

const SECRET = `SELECT connection.tenant_id, connection_id, field, key_id, sealed FROM secret
  JOIN connection ON connection.id = secret.connection_id`

/** Secrets of connections, sealed with the keys of a ring. */
export class Secrets {
  readonly #ring: KeyRing

  constructor(ring: KeyRing) {
    this.#ring = ring
  }

  /**
   * Seals and stores secrets of a connection in place of those of the same fields. Only inside a transaction: a key is
   * forgotten when nothing is sealed with it, so none may be taken before and used after that.
   */
  async put(sql: Sql, tenant: number, connection: string, secrets: Readonly<Record<string, string>>): Promise<void> {
    const entries = Object.entries(secrets)
    if (entries.length === 0) return
    const [current] = this.#ring.keys()
    for (const [field, text] of entries) {
      await sql.run(
        `INSERT INTO secret (connection_id, field, key_id, sealed) VALUES ($1, $2, $3, $4)
         ON CONFLICT (connection_id, field) DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed`,
        connection,
        field,
        current!.id,
        seal(current!, { tenant, connection, field }, text),
      )
    }
  }

  /** Parts of the state store about secrets and their keys. */
  store({ engine, at }: Store): Pick<State, 'secrets' | 'changeSecrets' | 'keys' | 'rotateKeys'> {
    const use = (sql: Sql) => keyUse(sql, this.#ring)
    return {
      // In a transaction, so that no key is forgotten between reading what it sealed and opening it.
      secrets: (id) =>
        engine.transaction(async (sql) => {
          const rows = await sql.all<SecretRow>(`${SECRET} WHERE connection_id = $1`, id)
          return Object.fromEntries(rows.map((row) => [row.field, this.#open(row)]))
        }),

      changeSecrets: (id, secrets) =>
        engine.transaction(async (sql) => {
          const [row] = await sql.all<{ tenant_id: number }>('SELECT tenant_id FROM connection WHERE id = $1', id)
          if (!row) throw unknownConnection(id)
          await this.put(sql, row.tenant_id, id, secrets)
        }),

      keys: () => use(engine),

      rotateKeys: async () => {
        const resealed = await engine.transaction((sql) => this.#reseal(sql))
        // Only what is on disk under the new key lets go of the old ones; a kill before leaves one too many.
        const { forgotten, keys } = await engine.transaction(async (sql) => {
          const before = await use(sql)
          this.#ring.keep?.(new Set(before.filter(({ secrets }) => secrets > 0).map(({ id }) => id)))
          const keys = await use(sql)
          const left = new Set(keys.map(({ id }) => id))
          const forgotten = before.map(({ id }) => id).filter((id) => !left.has(id))
          const after = JSON.stringify({ resealed, forgotten })
          await note(sql, at(), { tenant: null, action: 'keys', subject: keys[0]?.id ?? '', before: null, after })
          return { keys, forgotten }
        })
        return { resealed, keys, forgotten }
      },
    }
  }

  /** Brings every secret under a new key, or the current one. @returns how many were under another one */
  async #reseal(sql: Sql): Promise<number> {
    // Opened first: a key is made only for a rotation that can succeed.
    const secrets = (await sql.all<SecretRow>(SECRET)).map((row) => ({ row, text: this.#open(row) }))
    this.#ring.add?.()
    const [current] = this.#ring.keys()
    const others = secrets.filter(({ row }) => row.key_id !== current!.id)
    for (const { row, text } of others) await this.put(sql, row.tenant_id, row.connection_id, { [row.field]: text })
    return others.length
  }

  #open(row: SecretRow): string {
    const key = this.#ring.keys().find(({ id }) => id === row.key_id)
    if (!key) throw unknownKey(row, this.#ring)
    const place = { tenant: row.tenant_id, connection: row.connection_id, field: row.field }
    const text = unseal(key, place, row.sealed)
    if (text === undefined) throw damaged(row)
    // From here on it can get into a message; none may show it.
    addSecret(text)
    return text
  }
}

async function keyUse(sql: Sql, ring: KeyRing): Promise<readonly KeyUse[]> {
  const rows = await sql.all<{ key_id: string; n: number }>('SELECT key_id, count(*) AS n FROM secret GROUP BY key_id')
  const counts = new Map(rows.map(({ key_id, n }) => [key_id, Number(n)]))
  const keys = ring.keys().map(({ id }, i) => ({ id, current: i === 0, known: true, secrets: counts.get(id) ?? 0 }))
  const known = new Set(keys.map(({ id }) => id))
  const missing = rows.filter(({ key_id }) => !known.has(key_id))
  return [
    ...keys,
    ...missing.map(({ key_id, n }) => ({ id: key_id, current: false, known: false, secrets: Number(n) })),
  ]
}

export function unknownConnection(id: string): RoiError {
  return new RoiError(
    'not_found',
    'unknown_connection',
    { en: `There is no connection "${id.slice(0, 80)}".`, 'zh-CN': `没有编号为“${id.slice(0, 80)}”的连接。` },
    { en: 'It may have been removed.', 'zh-CN': '该连接可能已被移除。' },
  )
}

function unknownKey({ connection_id, key_id }: SecretRow, ring: KeyRing): RoiError {
  return new RoiError(
    'failure',
    'unknown_key',
    {
      en: `The secrets of connection ${connection_id} are sealed with key ${key_id}, which is not here.`,
      'zh-CN': `连接 ${connection_id} 的机密信息由密钥 ${key_id} 加密，但该密钥不存在。`,
    },
    ring.remedy,
  )
}

function damaged({ connection_id, field }: SecretRow): RoiError {
  return new RoiError(
    'failure',
    'secret_damaged',
    {
      en: `The secret ${field} of connection ${connection_id} was changed outside the program and does not open.`,
      'zh-CN': `连接 ${connection_id} 的机密信息 ${field} 在程序之外被修改，无法解密。`,
    },
    {
      en: 'Restore the state store from a backup, or connect the source again.',
      'zh-CN': '请用备份恢复状态库，或重新连接该数据源。',
    },
  )
}
