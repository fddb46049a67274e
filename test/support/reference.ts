import { RULE_MODELS, type RuleModel } from '../../src/model/rule-models.ts'

/**
 * The rule models of attribution.md §1 written a second time, as plain loops over fractions of big integers. It shares
 * no formula with the SQL: weights are built touch by touch, never by closed form.
 */

export interface RefTouch {
  readonly id: string
  readonly person: string
  readonly at: number
  readonly sequence: number | null
  /** What its credit goes by: after corrections. */
  readonly channel: string
  readonly campaign: string | null
  /** False where a rule or a correction leaves it out. */
  readonly eligible: boolean
}

export interface RefOutcome {
  readonly kind: number
  readonly id: string
  /** Minor units of the workspace's currency. */
  readonly amount: bigint
  /** Touches count after it; null = from the beginning. */
  readonly pathStart: number | null
  readonly pathEnd: number
  readonly leadAt: number | null
  readonly openedAt: number | null
  readonly persons: readonly string[]
  /** The customer's first won deal. */
  readonly isNew: boolean
  readonly layer: string | null
}

export interface RefSettings {
  readonly lookbackDays: number | null
  readonly halfLifeDays: number
  readonly custom: { readonly first: number; readonly middle: number; readonly last: number }
  readonly factor: (channel: string) => number
  readonly direct: (channel: string) => boolean
  readonly directHandling: 'keep' | 'ignore'
  readonly campaignsFirst: boolean
}

/** Credit of one touch: weight in units of 1/720720000000 and minor units. */
export interface RefCredit {
  readonly touch: string | null
  readonly weight: bigint
  readonly minor: bigint
}

const UNITS = 720_720_000_000n
const DAY = 86_400_000

/** Eligible touches of an outcome, in journey order. */
export function journeyOf(outcome: RefOutcome, touches: readonly RefTouch[], settings: RefSettings): RefTouch[] {
  const people = new Set(outcome.persons)
  const journey = touches
    .filter(
      (touch) =>
        touch.eligible &&
        people.has(touch.person) &&
        touch.at <= outcome.pathEnd &&
        (outcome.pathStart === null || touch.at > outcome.pathStart) &&
        (settings.lookbackDays === null || touch.at >= outcome.pathEnd - settings.lookbackDays * DAY),
    )
    .sort((a, b) => {
      if (a.at !== b.at) return a.at - b.at
      if (a.sequence !== b.sequence) {
        if (a.sequence === null) return 1
        if (b.sequence === null) return -1
        return a.sequence - b.sequence
      }
      return Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
    })
  // First what has a campaign, then what is not direct, each only where there is such.
  let kept = journey
  const only = (test: (touch: RefTouch) => boolean) => {
    if (kept.some(test)) kept = kept.filter(test)
  }
  if (settings.campaignsFirst) only(({ campaign }) => campaign !== null)
  if (settings.directHandling === 'ignore') only(({ channel }) => !settings.direct(channel))
  return kept
}

/** Raw weights of a journey under a model: any common factor. */
export function weightsOf(
  model: RuleModel,
  journey: readonly RefTouch[],
  outcome: RefOutcome,
  settings: RefSettings,
): bigint[] {
  const n = journey.length
  const w = new Array<bigint>(n).fill(0n)
  const spread = (first: bigint, middle: bigint, last: bigint) => {
    if (n === 1) return [1n]
    if (n === 2) return [first, last]
    const parts = BigInt(n - 2)
    return journey.map((_, i) => (i === 0 ? first * parts : i === n - 1 ? last * parts : middle))
  }
  const lastUpTo = (at: number | null) => (at === null ? -1 : journey.findLastIndex((touch) => touch.at <= at))
  /** Shares in tenths of a percent: milestones at given places, `middle` for the other touches up to the last one. */
  const milestones = (places: readonly number[], share: bigint, middle: bigint) => {
    const present = places.filter((place) => place >= 0)
    const last = Math.max(...present)
    const others = journey.map((_, i) => i).filter((i) => i < last && !present.includes(i))
    const scale = BigInt(Math.max(others.length, 1))
    for (const place of present) w[place]! += share * scale
    for (const i of others) w[i]! += middle
    return w
  }
  const lead = lastUpTo(outcome.leadAt)
  const open = lastUpTo(outcome.openedAt)
  const closed = outcome.kind >= 5 ? n - 1 : -1
  switch (model) {
    case 'first':
      w[0] = 1n
      return w
    case 'last':
      w[n - 1] = 1n
      return w
    case 'last_non_direct': {
      const i = journey.findLastIndex((touch) => !settings.direct(touch.channel))
      w[i < 0 ? n - 1 : i] = 1n
      return w
    }
    case 'linear':
      return w.fill(1n)
    case 'u_position':
      return spread(400n, 200n, 400n)
    case 'j_position':
      return spread(200n, 200n, 600n)
    case 'inverse_j_position':
      return spread(600n, 200n, 200n)
    case 'u_milestone':
      return milestones([0, lead], 400n, 200n)
    case 'u_milestone_50':
      return milestones([0, lead], 500n, 0n)
    case 'w_milestone':
      return milestones([0, lead, open], 300n, 100n)
    case 'full_path':
      return milestones([0, lead, open, closed], 225n, 100n)
    case 'time_decay': {
      const newest = journey.at(-1)!.at
      return journey.map((touch) => {
        const halfLives = Math.min(40, (newest - touch.at) / 1000 / (settings.halfLifeDays * 86_400))
        return BigInt(Math.floor(2 ** (40 - halfLives) + 0.5))
      })
    }
    case 'custom': {
      const { first, middle, last } = settings.custom
      const raw = journey.map((touch, i) =>
        BigInt(
          Math.round((i === n - 1 ? last : i === 0 ? first : middle) * 1000) *
            Math.round(settings.factor(touch.channel) * 1000),
        ),
      )
      return raw.every((weight) => weight === 0n) ? w.fill(1n) : raw
    }
  }
}

/** Cumulative rounding over exact fractions. */
export function split(amount: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((a, b) => a + b, 0n)
  const sign = amount < 0n ? -1n : 1n
  const whole = amount * sign
  let up = 0n
  return weights.map((weight) => {
    const before = (whole * up) / sum
    up += weight
    return sign * ((whole * up) / sum - before)
  })
}

/** Credit of every model for one outcome. */
export function creditOf(
  outcome: RefOutcome,
  touches: readonly RefTouch[],
  settings: RefSettings,
): Record<RuleModel, RefCredit[]> {
  const journey = journeyOf(outcome, touches, settings)
  return Object.fromEntries(
    RULE_MODELS.map((model) => {
      if (journey.length === 0) return [model, [{ touch: null, weight: UNITS, minor: outcome.amount }]]
      const weights = weightsOf(model, journey, outcome, settings)
      const parts = split(UNITS, weights)
      const minors = split(outcome.amount, weights)
      return [model, journey.map((touch, i) => ({ touch: touch.id, weight: parts[i]!, minor: minors[i]! }))]
    }),
  ) as Record<RuleModel, RefCredit[]>
}
