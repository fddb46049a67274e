import type { HttpAnswer } from '../../src/sync/contract.ts'

/**
 * Everything this connector believes about HubSpot without a primary source: from memory or from third parties, never
 * seen in an official description. When something behaves otherwise in a real account, this is the file to correct.
 * What was checked against official pages stands beside its use.
 */

/** Records per page or batch once `propertiesWithHistory` is asked for. */
export const HISTORY_LIMIT = 50

/** Names of a deal's kind. */
export const DEAL_TYPES: Readonly<Record<string, 'first' | 'repurchase'>> = {
  newbusiness: 'first',
  existingbusiness: 'repurchase',
}

/** Campaign properties beyond `hs_name hs_goal hs_notes hs_budget hs_campaign_status`; unknown ones are ignored. */
export const CAMPAIGN_EXTRAS = ['hs_start_date', 'hs_end_date', 'hs_utm', 'hs_currency_code', 'hs_owner'] as const

/** Lead properties beyond `hs_lead_name hs_lead_type hs_lead_label`. */
export const LEAD_EXTRAS = ['hs_pipeline', 'hs_pipeline_stage', 'hs_createdate'] as const

/** What a stage of leads means, from the `leadState` of its metadata. */
export const LEAD_STATES: Readonly<Record<string, boolean>> = { QUALIFIED: true, UNQUALIFIED: false }

/** A closed stage wins when its `probability` is one. `isClosed` and `probability` are texts (seen in real answers). */
export function stageFlags(metadata: Readonly<Record<string, unknown>>): {
  closed: boolean
  won: boolean
  probability: number | undefined
} {
  const probability = Number.parseFloat(String(metadata.probability ?? ''))
  const known = Number.isFinite(probability) && probability >= 0 && probability <= 1
  const closed = String(metadata.isClosed) === 'true'
  const won = closed && (metadata.leadState === 'QUALIFIED' || (known && probability === 1))
  return { closed, won, probability: known ? probability : undefined }
}

/** Marks the primary company in lists of associations: by type id in batches, by name in lists. */
export const PRIMARY_COMPANY = { typeId: 5, name: 'deal_to_company' } as const

/** `hs_merged_object_ids` is `id;id`, `hs_calculated_merged_vids` is `id:milliseconds;id:milliseconds`. */
export function mergedIds(...lists: readonly (string | undefined)[]): string[] {
  const ids = lists.flatMap((list) => list?.split(';') ?? []).map((part) => part.split(':')[0]?.trim() ?? '')
  return [...new Set(ids.filter((id) => /^\d+$/.test(id)))]
}

/** Campaigns are named by GUID; where a contact's property holds one, it is taken as the campaign's id. */
export function campaignGuid(value: string | undefined): string | undefined {
  return value && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) ? value.toLowerCase() : undefined
}

/**
 * Submissions of a form: there is no dated path, and only the version 1 path returns single submissions. Newest first,
 * 50 at most.
 */
export function submissionsPath(formId: string): string {
  return `/form-integrations/v1/submissions/forms/${encodeURIComponent(formId)}`
}

/** The dated list of forms was still in beta when this was written. */
export const FORMS_PATH = '/marketing/v3/forms'

/**
 * When a used-up daily quota may be free again. HubSpot is said to count days in the account's own zone, which an
 * answer does not tell; every zone's midnight is at most an hour before some full hour of UTC, so waiting for the next
 * one costs at most an hour and 24 requests a day.
 */
export function afterDailyLimit(answer: HttpAnswer): Date {
  const told = Date.parse(answer.header('date') ?? '')
  const now = Number.isNaN(told) ? Date.now() : told
  const hour = 3_600_000
  return new Date((Math.floor(now / hour) + 1) * hour + 60_000)
}
