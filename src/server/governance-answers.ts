import type { CloseInfo, CloseResult, Closes, Restatement } from '../api/closes.ts'
import type {
  Benchmarks,
  ConfigDiff,
  ConfigList,
  ConfigRestored,
  ConfigShown,
  CustomMetricInfo,
  MetricRemoved,
  Metrics,
  RunHead,
  Runs,
  RunView,
} from '../api/governance.ts'
import type { QualityRows, QualityScore } from '../api/quality.ts'
import type { SavedSegments, Segments } from '../api/segments.ts'

/** What the commands about configuration, saved reports, quality, benchmarks and metrics answer. */
export interface GovernanceAnswers {
  readonly config: ConfigList
  readonly config_version: ConfigShown
  readonly config_diff: ConfigDiff
  readonly restore_config: ConfigRestored
  readonly runs: Runs
  readonly run: RunView
  readonly save_run: RunHead
  readonly quality_score: QualityScore
  readonly quality_rows: QualityRows
  /** The score as it is now, kept as the last one of the day. */
  readonly quality_check: QualityScore
  readonly benchmarks: Benchmarks
  /** The library as it is now. */
  readonly set_benchmark: Benchmarks
  readonly remove_benchmark: Benchmarks
  readonly metrics: Metrics
  readonly set_metric: CustomMetricInfo
  readonly remove_metric: MetricRemoved
  readonly segments: Segments
  readonly saved_segments: SavedSegments
  readonly set_segment: SavedSegments
  readonly remove_segment: SavedSegments
  readonly close_period: CloseResult
  readonly closes: Closes
  readonly closed: Restatement
  readonly reopen_period: CloseInfo
}
