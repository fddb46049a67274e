import { z } from 'zod'

const SourceRecord = z.object({ source: z.string(), id: z.string() })

/** A touch that a person left out or moved (F54). */
export const Correction = z.object({
  /** `cor_…`; sorts by creation. */
  id: z.string(),
  /** By the id its source gives it. When and what it was: null while the touch is not there. */
  touch: SourceRecord.extend({ occurred_at: z.iso.datetime().nullable(), kind: z.string().nullable() }),
  action: z.enum(['leave_out', 'move']),
  /** Where it is moved; null = stays as it is. */
  channel: z.string().nullable(),
  campaign: SourceRecord.nullable(),
  reason: z.string(),
  /** Channel and campaign it counted for until then; null = none. */
  was: z.object({ channel: z.string().nullable(), campaign: z.string().nullable() }),
  /** `user:NAME`, `command_line`, …; null = the program by itself. */
  author: z.string().nullable(),
  at: z.iso.datetime(),
  /** Null while it holds. */
  revoked_at: z.iso.datetime().nullable(),
  revoked_by: z.string().nullable(),
})
export type Correction = z.infer<typeof Correction>

/** `GET /api/v1/corrections`, newest first. */
export const Corrections = z.object({ workspace: z.string(), corrections: z.array(Correction) })
export type Corrections = z.infer<typeof Corrections>

/** `POST /api/v1/corrections`, `DELETE /api/v1/corrections/:id`. */
export const Corrected = z.object({
  correction: Correction,
  /** Outcomes whose credit was computed anew. */
  outcomes: z.number(),
})
export type Corrected = z.infer<typeof Corrected>
