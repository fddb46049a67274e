import { z } from 'zod'
import { Dimension } from '../api.ts'

/** What customers, funnels and influence can be grouped by: every dimension of a report but time, which they have their own of. */
export const GroupBy = Dimension.exclude(['month'])
export type GroupBy = z.infer<typeof GroupBy>

/** A threshold with the figure held against it; `met` null where the figure is n/a. */
export const Held = z.object({
  value: z.number().nullable(),
  convention: z.enum(['percent', 'ratio', 'days']),
  met: z.boolean().nullable(),
})
export type Held = z.infer<typeof Held>
