import type { AnyRecord } from '../../src/model/records.ts'
import type { Context, DriftKind, Merge, Reject } from '../../src/sync/contract.ts'
import type { Drift } from './item.ts'
import type { HubspotSettings } from './settings.ts'

export type HubspotContext = Context<HubspotSettings>

/** What mapping needs to know beside the record itself. */
export interface Env {
  readonly settings: HubspotSettings
  /** The account's own currency and zone. */
  readonly currency: string | undefined
  readonly zone: string
  readonly drift: Drift
  /** Conversions on a contact are touches: nothing better tells of them. */
  readonly conversions: boolean
  /** What a stage of leads decides: accepted or dropped. */
  readonly leadStages: ReadonlyMap<string, boolean>
}

/** What one record of HubSpot becomes. */
export interface Mapped {
  readonly records: readonly AnyRecord[]
  readonly rejected?: readonly Reject[]
  readonly merged?: readonly Merge[]
}

/** The environment of a read. Drift is told once per field, however many records show it. */
export function envOf(context: HubspotContext, extra: Partial<Env> = {}): Env {
  const told = new Set<string>()
  const drift = (field: string, kind: DriftKind) => {
    const key = `${kind} ${field}`
    if (told.has(key)) return
    told.add(key)
    context.drift(field, kind)
  }
  const { currency, zone = 'UTC' } = context.identity
  return { settings: context.settings, currency, zone, drift, conversions: false, leadStages: new Map(), ...extra }
}
