import type { ModelId, Reason } from '../../src/api.ts'

/** Figures that have an explanation. */
export type Metric = 'roi' | 'revenue' | 'cost' | 'cac' | 'cpl' | 'ratio'
/** Columns of the channel table, in their fixed order. */
export type Column = 'label' | 'cost' | 'leads' | 'cpl' | 'won' | 'revenue' | 'roi'
type Text = string

/** A channel named in a finding, with its figure already formatted. */
export interface Named {
  readonly name: string
  readonly value: string
}

/** Everything the element says, one object per language; a missing sentence is a type error. */
export interface Words {
  readonly tag: 'zh-CN' | 'en'
  readonly panel: Text
  readonly na: Text
  readonly retry: Text
  readonly close: Text
  readonly table: Text
  readonly chart: Text
  readonly total: Text
  readonly range: (low: string, high: string) => string
  readonly list: (names: readonly string[]) => string
  readonly reasons: Record<Reason, string>
  readonly models: Record<ModelId, string>
  readonly metrics: Record<Metric, string>
  readonly columns: Record<Column, string>

  readonly trust: {
    readonly label: Text
    readonly asOf: Text
    readonly noData: Text
    readonly model: Text
    readonly basis: (revenue: 'booked' | 'invoiced' | 'cash', date: 'close' | 'created' | 'touch' | 'cohort') => string
    readonly immature: Text
    readonly coverage: Text
    readonly completeness: (value: string) => readonly [before: string, value: string, after: string]
    readonly reconciled: Text
    readonly mismatch: Text
    readonly mismatchTitle: (difference: string) => string
    readonly mismatchText: (attributed: string, unattributed: string, crm: string) => string
  }
  readonly tiles: {
    readonly finding: (cost: string, revenue: string, roi: string | null) => string
    readonly labels: Record<'roi' | 'revenue' | 'cost' | 'cac', string>
    readonly definitions: Record<'roi' | 'revenue' | 'cost' | 'cac', string>
    readonly definitionOf: (label: string) => string
    readonly explain: Text
    readonly ratio: (value: string) => string
    readonly points: (value: string) => string
    readonly better: Text
    readonly worse: Text
    readonly level: Text
    readonly more: Text
    readonly less: Text
    readonly noPrior: Text
    readonly benchmarks: Record<'ratio_above_1' | 'growth_not_negative', string>
    readonly met: Text
    readonly missed: Text
    readonly unjudged: Text
    readonly noBenchmark: Text
    readonly count: (metric: 'roi' | 'revenue' | 'cost' | 'cac', n: string, one: boolean) => string
    readonly series: (label: string, points: number, low: string, high: string, last: string) => string
  }
  readonly spread: {
    readonly label: Text
    readonly compare: Text
    readonly robust: Text
    readonly depends: Text
    readonly finding: (robust: number, depends: readonly string[], unknown: number) => string
    readonly now: (value: string) => string
    readonly threshold: (ratio: string) => string
    readonly channel: Text
    readonly lowest: Text
    readonly highest: Text
    readonly verdict: Text
    readonly model: Text
    readonly rest: (count: number) => string
    readonly floor: (models: string, have: string, need: string) => string
    readonly off: (models: string, reason: string) => string
    readonly have: (have: string, need: string) => string
    readonly switched: (model: string, roi: string) => string
  }
  readonly channels: {
    readonly label: Text
    readonly findNone: Text
    readonly findNoRoi: (largest: Named | null) => string
    readonly findBoth: (best: Named, share: string) => string
    readonly findTwo: (best: Named, largest: Named) => string
    readonly losses: (count: number) => string
    readonly sorted: (column: string, descending: boolean) => string
    readonly sortBy: Text
    readonly ascending: Text
    readonly descending: Text
    readonly loss: Text
    readonly bar: (roi: string) => string
    readonly uncosted: Text
    readonly uncostedWhy: (places: string, one: boolean) => string
    readonly unattributed: Text
    readonly unattributedWhy: Text
    readonly reconciled: Text
    readonly mismatch: Text
    readonly difference: (value: string) => string
    readonly revenue: (value: string) => string
    readonly keyLoss: Text
    readonly keyThreshold: (ratio: string, roi: string) => string
  }
  readonly drawer: {
    readonly label: Text
    readonly figure: Text
    readonly loading: Text
    readonly failed: Text
    readonly deals: (count: string, one: boolean) => string
    readonly noDeals: Text
    readonly deal: Text
    readonly closed: Text
    readonly amount: Text
    readonly weight: Text
    readonly credited: Text
    readonly touches: (inGroup: string, all: string) => string
    readonly more: (rest: string) => string
    readonly sum: Text
    readonly agrees: (value: string) => string
    readonly disagrees: (value: string) => string
    readonly inputs: Text
    readonly configuration: Text
    readonly rows: (label: string, count: string) => string
    readonly firstRows: (shown: string, count: string) => string
    readonly fields: Readonly<Record<string, string>>
    readonly values: Readonly<Record<string, string>>
  }
  readonly findings: {
    readonly label: Text
    readonly finding: (count: number, money: string | null) => string
    readonly examples: (list: string) => string
  }
  readonly states: {
    readonly loading: Text
    readonly emptyTitle: Text
    readonly emptyText: Text
    readonly emptyHow: Text
    readonly errorTitle: Text
    readonly refusedTitle: Text
    readonly network: Text
    readonly timeout: Text
    readonly refused: Text
    readonly badResponse: Text
    readonly badEndpoint: Text
    readonly http: (status: number) => string
    readonly requestId: Text
    readonly stale: (time: string) => string
  }
  readonly footer: {
    readonly all: Text
    readonly span: (first: string | null, last: string | null) => string
    readonly compared: Text
  }
  /** The view of one record. */
  readonly record: {
    readonly types: Record<'deal' | 'contact' | 'account' | 'campaign', string>
    readonly open: Text
    readonly unknown: Text
    readonly empty: Text
    readonly figures: Text
    readonly credit: Text
    readonly credits: (parts: readonly string[], rest: number) => string
    readonly share: Text
    readonly touches: Text
    readonly journey: Text
    readonly steps: (touches: number, people: number, earlier: number) => string
    readonly earned: (share: string) => string
    readonly more: (count: number) => string
    readonly deals: Text
    readonly dealsShown: (shown: number, count: number) => string
  }
}
