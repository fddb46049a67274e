import type { TemplateResult } from 'lit'
import type { ModelView, Panel, Row } from '../src/api.ts'
import type { Scale } from './charts/scale.ts'
import type { Format } from './format.ts'
import type { Column, Metric, Words } from './locales/words.ts'

/** Ids of the models the service computes. */
export type RuleModel = Panel['model']

/** How wide the element is: below 360 a list, below 600 a record, below 900 one column, else the full layout. */
export type Size = 'list' | 'record' | 'column' | 'wide'

export interface Sort {
  readonly column: Column
  readonly descending: boolean
}

/** What the model block shows under the switcher. */
export type SpreadMode = 'chart' | 'table' | 'compare'

/** What is open in the drawer. */
export interface Target {
  readonly metric: Metric
  /** Row whose figure it is; null for the totals of the tiles. */
  readonly row: Pick<Row, 'key' | 'label' | 'revenue'> | null
}

/** Group key of what has no touch; its deals can be listed, it has no other figure. */
export const UNATTRIBUTED = '(unattributed)'

/** What a reader can do; the element implements it, the blocks call it. */
export interface Actions {
  readonly selectModel: (model: RuleModel) => void
  readonly setSpread: (mode: SpreadMode) => void
  readonly sortBy: (column: Column, descending?: boolean) => void
  readonly define: (metric: Metric | null) => void
  readonly open: (target: Target) => void
}

/** The tables of the chunk that is loaded on request. */
export interface Tables {
  readonly spreadTable: (view: View) => TemplateResult
  readonly compareTable: (view: View) => TemplateResult
}

export type ChannelList = (view: View, rows: readonly Row[], scale: Scale) => TemplateResult

/** Everything a block needs to draw itself. Blocks are functions of it and keep no state. */
export interface View {
  readonly panel: Panel
  readonly model: RuleModel
  readonly now: ModelView
  readonly words: Words
  readonly format: Format
  readonly size: Size
  readonly sort: Sort
  readonly spread: SpreadMode
  /** Tile whose definition is shown. */
  readonly defined: Metric | null
  readonly target: Target | null
  readonly actions: Actions
  readonly details: Tables | null
  /** What stands for the channel table below 360 px, a chunk of its own. */
  readonly list: ChannelList | null
  /** Position of a channel's colour and shape, the same under every model and order. */
  readonly markOf: (key: string) => number
}

/** The benchmark of the panel as net ROI in percent; a ratio of 1 is 0 %. */
export function thresholdRoi(panel: Panel): number {
  const { value, convention } = panel.threshold
  return convention === 'net' ? value : (value - 1) * 100
}

/** Positions of all channels of all models in order of first appearance, starting with the model shown first. */
export function markIndex(panel: Panel): (key: string) => number {
  const keys = new Map<string, number>()
  const views = [panel.views[panel.model], ...Object.values(panel.views)]
  for (const view of views) for (const row of view?.rows ?? []) if (!keys.has(row.key)) keys.set(row.key, keys.size)
  return (key) => keys.get(key) ?? keys.size
}
