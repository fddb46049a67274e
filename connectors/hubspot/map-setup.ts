import { OWNER, type OwnerMarks } from '../../src/model/people.ts'
import { localDay } from '../../src/model/period.ts'
import type { Owner, Rate, Stage } from '../../src/model/records.ts'
import type { Reject } from '../../src/sync/contract.ts'
import { decimal, parseInstant } from './fields.ts'
import { idOf, isObject } from './item.ts'
import { stageFlags } from './unverified.ts'
import { present, refuse, say } from './words.ts'

const word = (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined)

/**
 * An owner; nameless ones are called by their e-mail, else by their id. Of those who left `userId` is null, and
 * `userIdIncludingInactive` holds it: developers.hubspot.com, owners guide.
 */
export function toOwner(raw: unknown): Owner | Reject {
  const id = isObject(raw) ? idOf(raw.id) : undefined
  if (!isObject(raw) || id === undefined) return noId('owner', raw)
  const email = word(raw.email)
  const teams = Array.isArray(raw.teams) ? raw.teams.filter(isObject) : []
  const team = teams.find(({ primary }) => primary === true) ?? teams[0]
  const user = idOf(raw.userId) ?? idOf(raw.userIdIncludingInactive)
  const ids = teams.map(({ id }) => idOf(id)).filter((id) => id !== undefined)
  const known = present<OwnerMarks>({
    [OWNER.archived]: raw.archived === true ? 'true' : undefined,
    [OWNER.user]: user,
    [OWNER.teams]: ids.length > 0 ? ids.join(',') : undefined,
  })
  const name = [word(raw.firstName), word(raw.lastName)].filter(Boolean).join(' ')
  return present<Owner>({
    type: 'owner',
    id,
    updatedAt: parseInstant(raw.updatedAt, 'UTC'),
    name: name || (email ?? `#${id}`),
    email,
    team: word(team?.name),
    attributes: Object.keys(known).length > 0 ? known : undefined,
  })
}

/** A stage of a pipeline. Its dates say nothing: those of the default pipeline are all 1970. */
export function toStage(raw: unknown, pipeline: string, object: string): Stage | Reject {
  const id = isObject(raw) ? idOf(raw.id) : undefined
  if (!isObject(raw) || id === undefined) return noId('stage', raw)
  const { closed, won, probability } = stageFlags(isObject(raw.metadata) ? raw.metadata : {})
  const position = Number(raw.displayOrder)
  return present<Stage>({
    type: 'stage',
    id,
    pipeline,
    label: word(raw.label) ?? id,
    position: Number.isInteger(position) ? position : 0,
    probability,
    closed,
    won,
    attributes: { object },
  })
}

/**
 * A rate. HubSpot's `conversionRate` is what one unit of `fromCurrencyCode` (an additional currency) is worth in
 * `toCurrencyCode` (the company's): developers.hubspot.com, currencies guide, "the exchange rate from the additional
 * currency to your company currency". That is the model's `factor` as it stands.
 */
export function toRate(raw: unknown, zone: string): Rate | Reject {
  if (!isObject(raw)) return noId('rate', raw)
  const from = word(raw.fromCurrencyCode)?.toUpperCase()
  const to = word(raw.toCurrencyCode)?.toUpperCase()
  const at = parseInstant(raw.effectiveAt, zone) ?? parseInstant(raw.createdAt, zone)
  const factor = decimal(raw.conversionRate)?.replace(/^\+/, '')
  const id = idOf(raw.id)
  if (
    from?.length !== 3 ||
    to?.length !== 3 ||
    !at ||
    !factor ||
    !/^\d{1,12}(\.\d{1,18})?$/.test(factor) ||
    !(Number(factor) > 0)
  ) {
    return refuse(
      id,
      'bad_rate',
      say('HubSpot sent an exchange rate that cannot be used.', 'HubSpot 返回了无法使用的汇率。'),
      raw,
    )
  }
  const date = localDay(zone, at.getTime())
  return present<Rate>({
    type: 'rate',
    id: id ?? `${from}:${to}:${date}`,
    updatedAt: parseInstant(raw.updatedAt, zone),
    from,
    to,
    date,
    factor,
  })
}

function noId(what: string, raw: unknown): Reject {
  return refuse(
    undefined,
    'missing_id',
    say(`HubSpot sent a ${what} without an id.`, `HubSpot 返回了没有 ID 的 ${what}。`),
    raw,
  )
}
