import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  structValue,
  VARCHAR,
} from '@duckdb/node-api'
import { sql, statements } from '../../db/sql.ts'
import { RoiError } from '../../errors.ts'
import type { Layout } from './header.ts'

/** What DuckDB may hold before it spills; the process stays under 2 GB with ten million touches. */
const MEMORY_LIMIT = '1GB'

export interface Input {
  readonly file: string
  readonly layout: Layout
  readonly halfLifeDays: number
  readonly directChannels: readonly string[]
  readonly signal: AbortSignal | undefined
}

/** A DuckDB of its own, in memory, that can read one file and nothing else. */
export class Engine {
  readonly #connection: DuckDBConnection
  readonly #signal: AbortSignal | undefined

  constructor(connection: DuckDBConnection, signal: AbortSignal | undefined) {
    this.#connection = connection
    this.#signal = signal
  }

  /** Runs the statements of a file of this folder. */
  async run(file: string): Promise<void> {
    for (const statement of statements(sql(`attribution/attribute-file/${file}`))) {
      await this.#guarded(() => this.#connection.run(statement))
    }
  }

  /** Rows of the one query in a file of this folder, as objects. */
  query<Row>(file: string, parameters: DuckDBValue[] = []): Promise<Row[]> {
    const text = sql(`attribution/attribute-file/${file}`)
    return this.#guarded(async () => (await this.#connection.runAndReadAll(text, parameters)).getRowObjects() as Row[])
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    this.#signal?.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      this.#signal?.throwIfAborted()
      throw translate(error)
    }
  }
}

/**
 * Opens an engine on one file, hands it to `work` and takes everything down again. Order matters: the file is allowed
 * first, then all other access is switched off, then the settings are locked.
 */
export async function withEngine<T>(input: Input, work: (engine: Engine) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), 'roi-panel-attribute-'))
  let instance: DuckDBInstance | undefined
  let connection: DuckDBConnection | undefined
  const interrupt = () => connection?.interrupt()
  try {
    instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      memory_limit: MEMORY_LIMIT,
      temp_directory: join(scratch, 'spill'),
      preserve_insertion_order: 'false',
    })
    connection = await instance.connect()
    input.signal?.addEventListener('abort', interrupt)
    await setVariables(connection, input, await literalPath(input.file, scratch))
    for (const setting of [
      "TimeZone = 'UTC'",
      "allowed_paths = [getvariable('file')]",
      'enable_external_access = false',
      'lock_configuration = true',
    ]) {
      await connection.run(`SET ${setting}`)
    }
    return await work(new Engine(connection, input.signal))
  } finally {
    input.signal?.removeEventListener('abort', interrupt)
    connection?.closeSync()
    instance?.closeSync()
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Values from outside reach a statement as variables only. */
async function setVariables(connection: DuckDBConnection, input: Input, file: string): Promise<void> {
  const { columns, separator } = input.layout
  const direct = input.directChannels.map((name) => name.toLowerCase())
  const variables: [string, DuckDBValue, DuckDBType?][] = [
    ['file', file],
    ['columns', structValue(Object.fromEntries(columns.map((name) => [name, 'VARCHAR'])))],
    ['separator', separator],
    ['direct', listValue(direct), LIST(VARCHAR)],
    ['half_life', input.halfLifeDays * 86_400_000_000],
  ]
  for (const [name, value, type] of variables) {
    await connection.run(`SET VARIABLE ${name} = $1`, [value], type ? [type] : undefined)
  }
}

/** DuckDB takes * ? [ in a path for a pattern and knows no escape, so such a file is read through a plain link. */
async function literalPath(file: string, scratch: string): Promise<string> {
  const path = resolve(file)
  if (!/[*?[]/.test(path)) return path
  const link = join(scratch, 'input.csv')
  await symlink(path, link)
  return link
}

/** What the user can act on; anything else stays an unexpected error. */
function translate(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error)
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1]
  if (line) return invalidLine(line, message, error)
  return message.startsWith('Out of Range Error') ? tooLarge(error) : error
}

/** The reader's own message names the line; its hints about options are of no use here. */
function invalidLine(line: string, message: string, cause: unknown): RoiError {
  const found =
    message.split('\n').find((part) => /Expected Number|unterminated|unicode|Maximum line/i.test(part)) ?? ''
  return new RoiError(
    'failure',
    'csv_invalid',
    { en: `Line ${line} of the file cannot be read. ${found}`.trim(), 'zh-CN': `文件第 ${line} 行无法读取。${found}` },
    {
      en: 'Correct the line; the file must be UTF-8 with the same number of fields in every line.',
      'zh-CN': '请更正该行；文件须为 UTF-8 编码，且每行字段数相同。',
    },
    { cause },
  )
}

function tooLarge(cause: unknown): RoiError {
  return new RoiError(
    'failure',
    'sum_too_large',
    {
      en: 'The values of the file add up to more than can be summed exactly.',
      'zh-CN': '文件中的价值总和过大，无法精确求和。',
    },
    { en: 'State them in a larger unit, such as thousands.', 'zh-CN': '请改用更大的单位，例如千元。' },
    { cause },
  )
}
