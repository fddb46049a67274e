import type { Text } from '../errors.ts'
import type { Drift } from '../state/state.ts'
import type { Notice } from './contract.ts'

/** Why a stream or a run is not complete, and what to do about it. */
export interface Reason {
  readonly code: string
  readonly message: Text
  readonly remedy: Text | null
  /** When it goes on by itself. */
  readonly retryAt: Date | null
}

/** What became of a run of a connection, from good to bad. */
export type RunState = 'complete' | 'incomplete' | 'failed' | 'paused' | 'reconnect'

/** `off`: the plan or the scopes do not allow it. `not_run`: an earlier stream ended the run. */
export type StreamState = RunState | 'off' | 'not_run'

/** Counts of one stream in one run. */
export interface StreamCounts {
  /** Records accepted. */
  readonly read: number
  /** Inserted or changed. */
  readonly imported: number
  readonly unchanged: number
  readonly deleted: number
  readonly merged: number
  readonly rejected: number
}

export interface StreamOutcome extends StreamCounts {
  readonly stream: string
  readonly title: Text
  readonly state: StreamState
  /** `full`: everything was read, `changes`: what is new; null when nothing was. */
  readonly mode: 'full' | 'changes' | null
  /** Records the source says there are; null where it does not tell or was not asked. */
  readonly total: number | null
  readonly reason: Reason | null
  readonly notices: readonly Notice[]
}

/** What became of a run of a connection. */
export interface RunOutcome {
  readonly connection: string
  readonly connector: string
  readonly title: string
  readonly state: RunState
  readonly reason: Reason | null
  readonly startedAt: Date
  readonly finishedAt: Date
  readonly requests: number
  /** Answers that said "too many requests". */
  readonly limited: number
  readonly streams: readonly StreamOutcome[]
  /** Seen today for the first time. */
  readonly drift: readonly Drift[]
}

/** How far a run is. */
export interface RunProgress {
  readonly stream: string
  readonly title: Text
  /** Records and refused rows of this stream so far. */
  readonly rows: number
  /** Part of this stream, 0 to 1; null when it cannot be told. */
  readonly part: number | null
  readonly rowsPerSecond: number
  /** Seconds left for this stream, from and to; null when it cannot be told. */
  readonly eta: readonly [number, number] | null
  /** Requests left under the source's limit; null when it does not tell. */
  readonly quota: { readonly left: number; readonly of: number } | null
}
