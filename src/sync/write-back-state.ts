import { z } from 'zod'
import type { State } from '../state/state.ts'
import type { Reason } from './outcome.ts'
import { Digest } from './write-back-digest.ts'

/**
 * What is known of the write-backs of a connection, between two of them and over restarts. What another version noted and
 * is not understood counts as nothing: the next write-back then looks at every record.
 */

const Instant = z.iso.datetime().transform((text) => new Date(text))
const Text = z.object({ en: z.string(), 'zh-CN': z.string() })

const Known = z.object({
  state: z.enum(['done', 'failed']),
  /** When the last one began and ended. */
  startedAt: Instant,
  finishedAt: Instant,
  /** When every record was last looked at; null = never with success. */
  wholeAt: Instant.nullable(),
  /** The next one does not begin by itself before. */
  notBefore: Instant,
  /** In a row. */
  failures: z.number(),
  /** Of the last one: looked at, written, refused. */
  records: z.number(),
  written: z.number(),
  refused: z.number(),
  /** Why it failed. */
  reason: z
    .object({ code: z.string(), message: Text, remedy: Text.nullable(), retryAt: Instant.nullable() })
    .nullable(),
})

/** How the last write-back of a connection ended. */
export interface KnownWriteBack extends z.output<typeof Known> {
  readonly reason: Reason | null
}

const markOf = (connection: string) => `write-back/${connection}`
const digestMarkOf = (connection: string) => `write-back-digest/${connection}`

type Marks = Pick<State, 'mark' | 'marked'>

/** The last write-back of a connection; undefined before the first. */
export async function lastWriteBack(state: Marks, connection: string): Promise<KnownWriteBack | undefined> {
  return Known.safeParse(await state.marked(markOf(connection))).data
}

export async function noteWriteBack(state: Marks, connection: string, known: KnownWriteBack): Promise<void> {
  await state.mark(markOf(connection), known)
}

/** What was written, by heaps; nothing before the first. */
export async function writtenDigest(state: Marks, connection: string): Promise<Digest> {
  return Digest.safeParse(await state.marked(digestMarkOf(connection))).data ?? {}
}

export async function noteDigest(state: Marks, connection: string, digest: Digest): Promise<void> {
  await state.mark(digestMarkOf(connection), digest)
}

/** The connection is another than before, or gone: the next write-back begins at once, and at the first record. */
export async function forgetWriteBacks(state: Marks, connection: string): Promise<void> {
  await state.mark(markOf(connection), null)
  await state.mark(digestMarkOf(connection), null)
}
