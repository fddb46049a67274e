import { z } from 'zod'
import { BENCHMARK_CONVENTIONS, BENCHMARKED_METRICS } from '../model/benchmarks.ts'
import { Filter } from '../model/rules.ts'
import { model, ordered, page, period, ReportQuestion, reading, scope } from './requests-parts.ts'

/** What may be asked about the configuration, saved reports, quality, benchmarks, metrics and closed periods. */

const number = z.coerce.number().int().min(1).max(1_000_000_000)
const name = z.string().min(1).max(80)
/** Why somebody does it: kept with what was done. */
const reason = z.string().trim().min(1).max(500).exactOptional()
const values = z.array(z.string().min(1).max(200)).max(200)

export const GOVERNANCE_REQUESTS = {
  config: z.object({ ...scope, ...page }),
  config_version: z.object({ ...scope, version: number }),
  config_diff: z.object({ ...scope, from: number, to: number }),
  restore_config: z.object({ ...scope, version: number, reason }),
  runs: z.object({ ...scope, ...page }),
  run: z.object({ ...scope, id: z.string().min(1).max(100) }),
  save_run: ordered(z.object({ ...ReportQuestion, name: z.string().trim().min(1).max(200).exactOptional() })),
  quality_score: z.object({ ...scope, days: z.coerce.number().int().min(1).max(400).default(90) }),
  quality_rows: z.object({ ...scope, ...page, code: z.string().min(1).max(60) }),
  quality_check: z.object(scope),
  benchmarks: z.object({ ...scope, channel: name.exactOptional(), type: name.exactOptional() }),
  set_benchmark: z.object({
    ...scope,
    name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,59}$/),
    metric: z.enum(BENCHMARKED_METRICS),
    low: z.coerce.number(),
    high: z.coerce.number().nullable().default(null),
    /** Absent is refused, with the conventions the metric may have. */
    convention: z.enum(BENCHMARK_CONVENTIONS).exactOptional(),
    currency: z.string().max(3).nullable().default(null),
    industry: z.string().min(1).max(100).nullable().default(null),
    channels: values.default([]),
    types: values.default([]),
    source: z.string().trim().min(1).max(300),
    note: z.string().max(1000).nullable().default(null),
    reason,
  }),
  /** Takes a benchmark away; of the program's that were changed `reset` brings the original back. */
  remove_benchmark: z.object({ ...scope, name, reset: z.union([z.boolean(), z.stringbool()]).default(false), reason }),
  metrics: z.object(scope),
  set_metric: z.object({
    ...scope,
    name: z.string().max(60),
    expression: z.string().max(1000),
    label: z.string().trim().min(1).max(100).nullable().default(null),
    reason,
  }),
  remove_metric: z.object({ ...scope, name, reason }),
  segments: ordered(z.object({ ...scope, ...period, ...reading, model })),
  saved_segments: z.object(scope),
  set_segment: z.object({ ...scope, name: name.trim(), where: Filter.min(1), reason }),
  remove_segment: z.object({ ...scope, name, reason }),
  close_period: z.object({
    ...scope,
    /** `2026-06` or `2026-Q2`. */
    period: z.string().min(1).max(20),
    /** Shows what would be locked and what is unfinished. */
    dry_run: z.boolean().default(false),
  }),
  closes: z.object(scope),
  closed: z.object({ ...scope, ...page, month: z.string().max(20) }),
  reopen_period: z.object({ ...scope, month: z.string().max(20), reason: z.string().trim().min(1).max(500) }),
} as const
