import { z } from 'zod'
import { Convention, MetricUnit, Report, ReportQuery } from '../api.ts'
import { BENCHMARK_CONVENTIONS, BENCHMARKED_METRICS } from '../model/benchmarks.ts'

/** Who did something: `user:NAME`, `command_line`, `machine` (a page of a machine where nobody signs in); null = the program. */
const Author = z.string().nullable()

/** One difference between two configurations: `settings.currency`, `metrics.margin`, `benchmarks.roi_ads`, `segments.East`. */
export const ConfigChange = z.object({ path: z.string(), before: z.unknown(), after: z.unknown() })

/** A version of a workspace's configuration (F56). */
export const ConfigVersion = z.object({
  version: z.number(),
  at: z.iso.datetime(),
  author: Author,
  reason: z.string().nullable(),
  /** SHA-256 in hex of the configuration as canonical JSON (keys sorted, no white space): equal for equal configurations. */
  hash: z.string(),
  /** What differs from the version before; none for the first. */
  changes: z.array(ConfigChange),
})
export type ConfigVersion = z.infer<typeof ConfigVersion>

/** `GET /api/v1/config`, `config list --json`: newest first. */
export const ConfigList = z.object({
  workspace: z.string(),
  /** The one that figures are made with now. */
  current: z.number(),
  versions: z.array(ConfigVersion),
  next: z.number().nullable(),
})
export type ConfigList = z.infer<typeof ConfigList>

const Named = z.record(z.string(), z.unknown())

/** Everything a version says. */
export const ConfigBody = z.object({ settings: Named, metrics: Named, benchmarks: Named, segments: Named })

/** `GET /api/v1/config/:version`, `config show N --json`. */
export const ConfigShown = ConfigVersion.extend({ workspace: z.string(), body: ConfigBody })
export type ConfigShown = z.infer<typeof ConfigShown>

/** `GET /api/v1/config/diff`, `config diff A B --json`. */
export const ConfigDiff = z.object({
  workspace: z.string(),
  from: z.number(),
  to: z.number(),
  changes: z.array(ConfigChange),
})
export type ConfigDiff = z.infer<typeof ConfigDiff>

/** `POST /api/v1/config/:version/restore`, `config restore N --json`: the new version that says the same. */
export const ConfigRestored = z.object({
  workspace: z.string(),
  restored: z.number(),
  current: z.number(),
  changes: z.array(ConfigChange),
  recomputed: z.boolean(),
})
export type ConfigRestored = z.infer<typeof ConfigRestored>

/**
 * `PUT /api/v1/settings/:key`, `settings set --json`. `shown`: thresholds of returns as the workspace reads them from now on, where
 * they were stated in the other convention; what is stored stays as it was stated (F146).
 */
export const SettingChanged = z.object({
  key: z.string(),
  value: z.unknown(),
  recomputed: z.boolean(),
  shown: z
    .array(
      z.object({
        threshold: z.string(),
        value: z.number(),
        convention: Convention,
        stated: z.object({ value: z.number(), convention: Convention }),
      }),
    )
    .exactOptional(),
})
export type SettingChanged = z.infer<typeof SettingChanged>

/**
 * What a report was made from (F152). The same data and configuration give the same hashes on every engine and in every
 * order of arrival; only `created_at` tells when.
 */
export const Manifest = z.object({
  app_version: z.string(),
  schema: z.object({ facts: z.number(), state: z.number() }),
  config_version: z.number(),
  config_hash: z.string(),
  /** SHA-256 in hex over number and content of the records of every table. */
  data_hash: z.string(),
  /** Local day on which it was made: what counts as young, and what lies in the future, depends on it. */
  day: z.iso.date(),
  query: ReportQuery,
  /** SHA-256 in hex of the report as `report --json` prints it, without `manifest` and without the end of the line. */
  result_hash: z.string(),
})
export type Manifest = z.infer<typeof Manifest>

/** `GET /api/v1/report?manifest=true`, `report --json --manifest`. */
export const ReportWithManifest = Report.extend({ manifest: Manifest.exactOptional() })
export type ReportWithManifest = z.infer<typeof ReportWithManifest>

/** Number and content of the records of a table, as exact integers. */
export const TableDigest = z.object({
  table: z.string(),
  rows: z.number(),
  /** Sums over the rows, in decimal: of their content, and of their content with their id. */
  content: z.string(),
  places: z.string(),
})
export type TableDigest = z.infer<typeof TableDigest>

/** A saved report without its figures. */
export const RunHead = z.object({
  id: z.string(),
  name: z.string().nullable(),
  at: z.iso.datetime(),
  author: Author,
  manifest: Manifest,
})
export type RunHead = z.infer<typeof RunHead>

/** `GET /api/v1/runs`, `runs list --json`: newest first. */
export const Runs = z.object({ runs: z.array(RunHead), next: z.number().nullable() })
export type Runs = z.infer<typeof Runs>

/** `GET /api/v1/runs/:id`, `runs show ID --json`: the old numbers with the old settings, and what is different today. */
export const RunView = RunHead.extend({
  /** As it was printed. Kept as it is: an older program may have had fewer keys. */
  result: z.record(z.string(), z.unknown()),
  /** The configuration it was made with. */
  configuration: ConfigShown.omit({ workspace: true }),
  /** What changed since. Nothing of it changes the report. */
  since: z.object({
    changed: z.boolean(),
    app_version: z.string(),
    config: z.object({ version: z.number(), changes: z.array(ConfigChange) }),
    data: z.object({
      hash: z.string(),
      /** Tables whose records are others now. */
      tables: z.array(z.object({ table: z.string(), rows_then: z.number(), rows_now: z.number() })),
    }),
  }),
})
export type RunView = z.infer<typeof RunView>

/** A reference value of the library (F76). */
export const BenchmarkInfo = z.object({
  name: z.string(),
  metric: z.enum(BENCHMARKED_METRICS),
  industry: z.string().nullable(),
  /** What it is about; empty = everything. */
  channels: z.array(z.string()),
  types: z.array(z.string()),
  low: z.number(),
  high: z.number().nullable(),
  convention: z.enum(BENCHMARK_CONVENTIONS),
  currency: z.string().nullable(),
  source: z.string(),
  note: z.string().nullable(),
  /** `program`: as the product comes. */
  origin: z.enum(['program', 'workspace']),
  version: z.number().nullable(),
  at: z.iso.datetime().nullable(),
  author: Author,
})
export type BenchmarkInfo = z.infer<typeof BenchmarkInfo>

/** A reference value as it applies, in the workspace's convention. */
export const AppliedBenchmark = z.object({
  metric: z.enum(BENCHMARKED_METRICS),
  low: z.number(),
  high: z.number().nullable(),
  convention: z.enum(BENCHMARK_CONVENTIONS),
  currency: z.string().nullable(),
  better: z.enum(['higher', 'lower']),
  /** `threshold`: of the settings; `own`: the workspace's median of the last 12 months. */
  from: z.enum(['benchmark', 'threshold', 'own']),
  name: z.string().nullable(),
  source: z.string().nullable(),
  /** As it was entered, where that was the other convention. */
  stated: z.object({ low: z.number(), high: z.number().nullable(), convention: Convention }).nullable(),
})

/** `GET /api/v1/benchmarks`, `benchmarks list --json`: the library, and what applies to the scope that was asked about. */
export const Benchmarks = z.object({
  workspace: z.string(),
  industry: z.string().nullable(),
  convention: Convention,
  benchmarks: z.array(BenchmarkInfo),
  applied: z.array(AppliedBenchmark),
})
export type Benchmarks = z.infer<typeof Benchmarks>

/** A metric of the workspace's own (F77). */
export const CustomMetricInfo = z.object({
  name: z.string(),
  label: z.string().nullable(),
  expression: z.string(),
  unit: MetricUnit,
  version: z.number(),
  at: z.iso.datetime(),
  author: Author,
})
export type CustomMetricInfo = z.infer<typeof CustomMetricInfo>

/** `GET /api/v1/metrics`, `metrics list --json`. */
export const Metrics = z.object({
  workspace: z.string(),
  custom: z.array(CustomMetricInfo),
  /** What expressions may name besides. */
  names: z.array(z.object({ name: z.string(), id: z.string(), label: z.string(), unit: MetricUnit })),
})
export type Metrics = z.infer<typeof Metrics>

/** `DELETE /api/v1/metrics/:name`, `metrics remove NAME --json`. */
export const MetricRemoved = z.object({ name: z.string() })
export type MetricRemoved = z.infer<typeof MetricRemoved>
