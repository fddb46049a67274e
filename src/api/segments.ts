import { z } from 'zod'
import { Convention, Money, ReportQuery, Row } from '../api.ts'
import { Filter } from '../model/rules.ts'

/** `GET /api/v1/segments`: return of the saved segments (F94). They may overlap, so their sum is no total. */
export const Segments = z.object({
  query: ReportQuery.omit({ by: true, by2: true }),
  currency: z.string(),
  convention: Convention,
  /** One line per segment; `key` and `label` are its name. */
  rows: z.array(Row),
  /** Attributed revenue that two segments share; pairs that share none are left out. */
  overlaps: z.array(z.object({ segments: z.tuple([z.string(), z.string()]), revenue: Money })),
  /** Of everything, segment or not. */
  total: Row,
})
export type Segments = z.infer<typeof Segments>

/** `GET /api/v1/segments/saved`: the segments there are. */
export const SavedSegments = z.array(z.object({ name: z.string(), where: Filter }))
export type SavedSegments = z.infer<typeof SavedSegments>
