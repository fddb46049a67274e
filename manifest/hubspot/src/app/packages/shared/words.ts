import type { FaultKind } from './backend.ts'
import type { ConnectionStatus, JourneyStep, StreamState } from './wire.ts'

/** Everything the extensions say, one object per language; a missing sentence is a type error. */
export interface Words {
  readonly tag: 'en' | 'zh-CN'
  readonly panel: string
  readonly loading: string
  readonly retry: string
  readonly checkAgain: string
  readonly requestId: string
  readonly openPanel: string
  readonly panelFailed: string
  readonly asOf: string
  readonly noData: string
  readonly reconciled: string
  readonly mismatch: string
  readonly mismatchText: (attributed: string, unattributed: string, crm: string) => string
  readonly coverage: string
  readonly model: string
  readonly na: string
  /** Reasons of n/a, by code. */
  readonly reasons: { readonly [code: string]: string | undefined }
  readonly faults: { readonly [kind in FaultKind]: { title: string; text: string; next: string } }
  /** What went wrong where the backend could not say it, by code. */
  readonly causes: { readonly [code: string]: string | undefined }
  readonly record: {
    readonly open: string
    readonly openText: string
    readonly emptyNext: string
    readonly credit: string
    readonly creditTable: string
    readonly channel: string
    readonly share: string
    readonly touches: string
    readonly credited: string
    readonly journey: { readonly deal: string; readonly contact: string; readonly account: string }
    readonly when: string
    readonly what: string
    readonly campaign: string
    readonly person: string
    readonly kinds: { readonly [kind in JourneyStep['kind']]: string }
    readonly earlier: (count: string) => string
    readonly deals: string
    readonly deal: string
    readonly closed: string
    readonly amount: string
    readonly moreDeals: (shown: string, count: string) => string
  }
  readonly portfolio: {
    readonly title: string
    readonly kpis: { readonly roi: string; readonly revenue: string; readonly cost: string; readonly cac: string }
    readonly points: (value: string) => string
    readonly against: string
    readonly chart: string
    readonly columns: {
      readonly channel: string
      readonly cost: string
      readonly leads: string
      readonly cpl: string
      readonly won: string
      readonly revenue: string
      readonly roi: string
    }
    readonly total: string
    readonly unattributed: string
    readonly emptyTitle: string
    readonly emptyText: string
  }
  readonly models: { readonly [model: string]: string | undefined }
  readonly settings: {
    readonly title: string
    readonly notConnected: string
    readonly notConnectedText: string
    readonly console: string
    readonly refresh: string
    readonly states: { readonly [state in ConnectionStatus['state']]: string }
    readonly running: string
    readonly progress: (stream: string, rows: string) => string
    readonly account: string
    readonly lastSuccess: string
    readonly never: string
    readonly next: string
    readonly resume: string
    readonly quota: string
    readonly left: (left: string, of: string) => string
    readonly rows: string
    readonly quarantined: string
    readonly streams: string
    readonly stream: string
    readonly state: string
    readonly read: string
    readonly imported: string
    readonly reason: string
    readonly streamStates: { readonly [state in StreamState['state']]: string }
    readonly noRun: string
  }
}
