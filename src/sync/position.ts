import { z } from 'zod'

/** Ids greater than `after`, up to and including `upto`, that are still to be read. */
const Range = z.object({
  after: z.string().regex(/^\d{1,30}$/),
  upto: z.string().regex(/^\d{1,30}$/),
  /** Made in the last weeks: read before everything older. */
  recent: z.boolean(),
})
export type PendingRange = z.infer<typeof Range>

/** What all phases of a whole read know. */
const whole = {
  /** When it began, by the source's clock: what changes from then on is read afterwards. */
  began: z.iso.datetime(),
  /** Notes each record met, because there are records from earlier reads that may be gone. */
  marks: z.boolean(),
  /** Records there were at the beginning; null when the source did not tell. */
  total: z.number().nullable(),
}

/** Where a stream stands; its JSON is the cursor that is saved with the rows it covers. */
const Position = z.discriminatedUnion('phase', [
  /** A whole read, one page after the other. */
  z.object({ phase: z.literal('whole'), ...whole, cursor: z.string().nullable() }),
  /** A whole read, split by id. */
  z.object({ phase: z.literal('ranges'), ...whole, ranges: z.array(Range) }),
  /** Reading what changed; `newest`: latest change met so far. */
  z.object({
    phase: z.literal('changes'),
    since: z.iso.datetime(),
    newest: z.iso.datetime(),
    cursor: z.string().nullable(),
    wholeAt: z.iso.datetime(),
  }),
  /** Everything up to the watermark is there. `wholeAt`: when everything was last read. */
  z.object({ phase: z.literal('done'), watermark: z.iso.datetime(), wholeAt: z.iso.datetime() }),
])
export type Position = z.infer<typeof Position>
export type WholePosition = Extract<Position, { phase: 'whole' | 'ranges' }>

/** The position behind a saved cursor; null when there is none, or none that this program understands. */
export function parsePosition(cursor: string | null): Position | null {
  if (cursor === null) return null
  try {
    return Position.parse(JSON.parse(cursor))
  } catch {
    return null
  }
}
