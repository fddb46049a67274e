import type { Metric } from './locales/words.ts'
import type { Days } from './period.ts'
import type { RuleModel } from './view.ts'

/** Details of the element's events. None holds a name, address or id of a person or deal. */
export interface RoiEventDetails {
  'roi-ready': { workspace: string; model: RuleModel; currency: string; basis: string; stale: boolean }
  'roi-error': { code: string; status: number; requestId: string | null }
  'roi-drill': { by: string; key: string | null; metric: Metric }
  'roi-model-change': { model: RuleModel }
  'roi-period-change': Days
}

declare global {
  interface GlobalEventHandlersEventMap extends RoiEventMap {}
}
type RoiEventMap = { [Name in keyof RoiEventDetails]: CustomEvent<RoiEventDetails[Name]> }

/** Dispatches one of the element's events; all bubble and cross shadow roots. */
export function emit<Name extends keyof RoiEventDetails>(
  target: EventTarget,
  name: Name,
  detail: RoiEventDetails[Name],
): void {
  target.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
}
