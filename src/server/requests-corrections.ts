import { z } from 'zod'
import { key, scope } from './requests-parts.ts'

/** What may be asked about corrected touches. */
export const CORRECTION_REQUESTS = {
  corrections: z.object({
    ...scope,
    /** Revoked ones too. */
    all: z.union([z.boolean(), z.stringbool()]).default(false),
  }),
  /** Either `leave_out`, or a channel or a campaign to move the touch to. */
  correct: z.object({
    ...scope,
    /** Id at its source. */
    touch: key,
    /** Absent = the only source that has it. */
    source: z.string().min(1).max(200).exactOptional(),
    leave_out: z.boolean().default(false),
    /** Key of a channel the workspace knows. */
    channel: z.string().min(1).max(200).exactOptional(),
    /** Id at its source: that of the touch, else the only one that has it. */
    campaign: key.exactOptional(),
    campaign_source: z.string().min(1).max(200).exactOptional(),
    reason: z.string().trim().min(1).max(500),
  }),
  revoke_correction: z.object({ ...scope, id: z.string().min(1).max(100) }),
} as const
