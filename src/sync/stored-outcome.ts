import { z } from 'zod'
import type { RunOutcome } from './outcome.ts'

/**
 * The result of a run as the state store keeps it: the JSON of a {@link RunOutcome}. What another version wrote is read
 * as far as it makes sense and never fails: a connection must stay visible.
 */

const Count = z.number().catch(0)
const Name = z.string().catch('')
const Text = z
  .object({ en: z.string(), 'zh-CN': z.string() })
  .or(z.string().transform((text) => ({ en: text, 'zh-CN': text })))
const Instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text))

const Reason = z.object({
  code: z.string(),
  message: Text,
  remedy: Text.nullable().catch(null),
  retryAt: Instant.nullable().catch(null),
})

const Notice = z.object({
  code: z.string(),
  message: Text,
  count: z.number().catch(1),
  example: z.string().exactOptional().catch(''),
})

const RunState = z.enum(['complete', 'incomplete', 'failed', 'paused', 'reconnect'])

const Stream = z.object({
  stream: z.string(),
  title: Text.catch({ en: '', 'zh-CN': '' }),
  state: RunState.or(z.enum(['off', 'not_run'])).catch('incomplete'),
  mode: z.enum(['full', 'changes']).nullable().catch(null),
  total: z.number().nullable().catch(null),
  read: Count,
  imported: Count,
  unchanged: Count,
  deleted: Count,
  merged: Count,
  rejected: Count,
  reason: Reason.nullable().catch(null),
  notices: listOf(Notice),
})

const Drift = z.object({ stream: z.string(), field: z.string(), kind: z.enum(['missing', 'retyped', 'new']) })

const Outcome = z.object({
  connection: Name,
  connector: Name,
  title: Name,
  state: RunState.catch('incomplete'),
  reason: Reason.nullable().catch(null),
  startedAt: Instant,
  finishedAt: Instant,
  requests: Count,
  limited: Count,
  streams: listOf(Stream),
  drift: listOf(Drift),
})

/** A list without the items that are not understood. */
function listOf<T extends z.ZodType>(item: T) {
  return z
    .array(z.unknown())
    .catch([])
    .transform((list) =>
      list.flatMap((one): z.output<T>[] => {
        const parsed = item.safeParse(one)
        return parsed.success ? [parsed.data] : []
      }),
    )
}

/** What is stored of a run; null when there is nothing, or nothing that is understood. */
export function readOutcome(stored: unknown): RunOutcome | null {
  const parsed = Outcome.safeParse(stored)
  return parsed.success ? parsed.data : null
}

/** What to store of a run: JSON, instants as text. */
export function storedOutcome(outcome: RunOutcome): unknown {
  return JSON.parse(JSON.stringify(outcome))
}
