import type { Touch } from '../../src/model/records.ts'

/** The parts of a touch that say where it came from. */
export type Clues = Pick<
  Touch,
  'utmSource' | 'utmMedium' | 'utmCampaign' | 'utmContent' | 'utmTerm' | 'clickId' | 'referrer' | 'landingUrl'
>

/**
 * HubSpot's source of a visit as the product's channel. HubSpot does not name the platform of a paid search; the
 * referrals of AI assistants have no channel of their own in the default rules. OFFLINE is a channel only where a
 * setting asks for it.
 */
const CHANNELS: Readonly<Record<string, string>> = {
  ORGANIC_SEARCH: 'organic_search',
  PAID_SEARCH: 'paid_other',
  PAID_SOCIAL: 'paid_social',
  SOCIAL_MEDIA: 'social',
  EMAIL_MARKETING: 'email',
  REFERRALS: 'referral',
  AI_REFERRALS: 'referral',
  DIRECT_TRAFFIC: 'direct',
  OTHER_CAMPAIGNS: 'other_campaign',
  OFFLINE: 'offline',
}

/** Platforms of paid social that have a channel of their own, found in drill-down 1 (the name of the site). */
const PAID_SITES: readonly (readonly [RegExp, string])[] = [
  [/facebook|instagram|\bmeta\b/i, 'meta_ads'],
  [/linkedin/i, 'linkedin_ads'],
]

/** Kinds of offline source in drill-down 1 that are an interaction of the person, and what they are. */
const OFFLINE_KINDS: Readonly<Record<string, string>> = {
  MEETINGS: 'meeting',
  MEETING: 'meeting',
  CONVERSATIONS: 'chat',
  BOTS: 'chat',
  LIVE_CHAT: 'chat',
  CALLS: 'call',
  FORM: 'form',
  FORMS: 'form',
}

/** A visit as HubSpot classified it. */
export interface Source {
  readonly source: string
  readonly data1: string | undefined
  readonly data2: string | undefined
}

/** Channel and kind of a source; undefined when it is no interaction of the person at all. */
export function classify(source: Source, offline: boolean): { kind: string; channel: string | undefined } | undefined {
  if (source.source === 'OFFLINE') {
    const kind = OFFLINE_KINDS[source.data1?.toUpperCase() ?? '']
    if (kind) return { kind, channel: CHANNELS.OFFLINE }
    return offline ? { kind: 'tag', channel: CHANNELS.OFFLINE } : undefined
  }
  const site = source.source === 'PAID_SOCIAL' && PAID_SITES.find(([name]) => name.test(source.data1 ?? ''))
  const channel = site ? site[1] : Object.hasOwn(CHANNELS, source.source) ? CHANNELS[source.source] : undefined
  return { kind: /^PAID_/.test(source.source) ? 'ad_click' : 'visit', channel }
}

/** What the drill-downs say, as UTM: they hold the campaign, the search term or the site, depending on the source. */
export function drillDowns({ source, data1, data2 }: Source): Clues {
  if (source === 'PAID_SEARCH') return clean({ utmCampaign: data1, utmTerm: data2 })
  if (source === 'PAID_SOCIAL' || source === 'SOCIAL_MEDIA') return clean({ utmCampaign: data2 })
  if (source === 'EMAIL_MARKETING') return clean({ utmCampaign: data1, utmContent: data2 })
  if (source === 'OTHER_CAMPAIGNS') return clean({ utmCampaign: data1 })
  if (source === 'ORGANIC_SEARCH') return clean({ utmTerm: usable(data1) })
  if (source === 'REFERRALS' || source === 'AI_REFERRALS') return clean({ referrer: data2 ?? data1 })
  return {}
}

/** Search engines hide most terms; HubSpot then writes a sentence about that. */
function usable(term: string | undefined): string | undefined {
  return term && !/unknown keywords/i.test(term) ? term : undefined
}

const UTM = {
  utm_source: 'utmSource',
  utm_medium: 'utmMedium',
  utm_campaign: 'utmCampaign',
  utm_content: 'utmContent',
  utm_term: 'utmTerm',
} as const

/** Parameters that advertising platforms add to a landing page. */
const CLICK_PARAMETERS = 'gclid wbraid gbraid fbclid li_fat_id msclkid ttclid bd_vid qz_gdt gdt_vid rdt_cid'.split(' ')

/** UTM parameters and click id of a page's address. */
export function urlClues(url: string | undefined): Clues {
  if (url === undefined) return {}
  const clues: Record<string, string> = { landingUrl: url }
  const at = url.indexOf('?')
  const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1).replace(/#.*$/s, ''))
  for (const [name, key] of Object.entries(UTM)) {
    const value = query.get(name)?.trim()
    if (value) clues[key] = value
  }
  for (const name of CLICK_PARAMETERS) {
    const value = query.get(name)?.trim()
    if (value) clues.clickId ??= `${name}=${value}`
  }
  return clues
}

/** Fields of a form that carry UTM parameters to HubSpot. */
export function utmField(name: string): (typeof UTM)[keyof typeof UTM] | undefined {
  const key = name.toLowerCase()
  return Object.hasOwn(UTM, key) ? UTM[key as keyof typeof UTM] : undefined
}

/** Whether channel rules know better than HubSpot's own classification: a click id or a UTM source or medium. */
export function hasClues(clues: Clues): boolean {
  return clues.clickId !== undefined || clues.utmSource !== undefined || clues.utmMedium !== undefined
}

function clean(clues: { [K in keyof Clues]: Clues[K] | undefined }): Clues {
  return Object.fromEntries(Object.entries(clues).filter(([, value]) => value !== undefined))
}
