import { z } from 'zod'
import { isCurrency } from '../../src/model/money.ts'
import { isZone } from '../../src/model/period.ts'
import { Mapping } from './mapping.ts'
import { FILE_TYPES } from './templates.ts'

/** What one file needs to be read. The workspace's zone and currency are given by the caller. */
export const Settings = z.object({
  /** Name of the kept file, for `context.open`. */
  file: z.string().min(1),
  /** Name the file had when the user gave it, for messages and mappings. */
  name: z.string().min(1),
  type: z.enum(FILE_TYPES),
  map: Mapping.optional(),
  /** Such as `D/M/YYYY`; outranks the mapping's and what the file itself proves. */
  dateFormat: z.string().optional(),
  zone: z.string().refine(isZone, 'unknown time zone'),
  currency: z.string().refine(isCurrency, 'unknown ISO 4217 code'),
  /** Bytes of the file, for progress. */
  size: z.int().nonnegative().optional(),
})
export type FilesSettings = z.output<typeof Settings>
