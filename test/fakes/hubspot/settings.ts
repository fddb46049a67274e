import type { Clock } from '../clock.ts'
import { Access } from './access.ts'
import {
  builtIn,
  LIFECYCLE_STAGES,
  PIPELINES,
  type Pipeline,
  type Property,
  STAGE_PROPERTY,
  type Stage,
  stageProperties,
} from './catalog.ts'
import { OBJECT_TYPES, type ObjectType } from './records.ts'

export interface Owner {
  readonly id: string
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly userId: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly archived: boolean
}

export interface ExchangeRate {
  readonly id: string
  readonly fromCurrencyCode: string
  /** Amount in the company's currency for one unit. */
  readonly conversionRate: number
  readonly effectiveAt: number
}

export interface SettingsOptions {
  readonly timeZone?: string
  readonly utcOffset?: string
  readonly currency?: string
  readonly scopes?: readonly string[]
}

/** What a portal's administrator sets: owners, pipelines, properties, currencies. */
export class Settings extends Access {
  readonly clock: Clock
  timeZone: string
  utcOffset: string
  currency: string
  readonly owners: Owner[] = []
  readonly pipelines: { readonly deals: Pipeline[]; readonly leads: Pipeline[] }
  readonly properties: Readonly<Record<ObjectType, Map<string, Property>>>
  readonly rates: ExchangeRate[] = []
  /** Rises when properties, pipelines or rates change. */
  settingsVersion = 0

  constructor(clock: Clock, options: SettingsOptions) {
    super(options.scopes)
    this.clock = clock
    this.timeZone = options.timeZone ?? 'Asia/Shanghai'
    this.utcOffset = options.utcOffset ?? '+08:00'
    this.currency = options.currency ?? 'CNY'
    this.pipelines = { deals: [...PIPELINES.deals], leads: [...PIPELINES.leads] }
    this.properties = { contacts: new Map(), companies: new Map(), deals: new Map(), leads: new Map() }
    for (const type of OBJECT_TYPES) this.#define(type)
  }

  addOwner(owner: Partial<Owner> = {}): Owner {
    const number = 534_941 + this.owners.length * 17
    const at = this.clock.now()
    const full: Owner = {
      id: String(number),
      email: `owner-${number}@example.com`,
      firstName: 'Owner',
      lastName: String(number),
      userId: number,
      createdAt: at,
      updatedAt: at,
      archived: false,
      ...owner,
    }
    this.owners.push(full)
    return full
  }

  addPipeline(type: 'deals' | 'leads', pipeline: Pipeline): void {
    this.pipelines[type].push(pipeline)
    for (const { id } of pipeline.stages) for (const one of stageProperties(type, [id])) this.addProperty(type, one)
  }

  addProperty(type: ObjectType, property: Property): void {
    this.properties[type].set(property.name, property)
    this.settingsVersion += 1
  }

  /** The property is gone from the definitions and from every answer. */
  removeProperty(type: ObjectType, name: string): void {
    this.properties[type].delete(name)
    this.settingsVersion += 1
  }

  /** Adds the rate of a currency to the company's from a moment on. */
  setRate(fromCurrencyCode: string, conversionRate: number, effectiveAt = this.clock.now()): void {
    this.rates.push({ id: String(1000 + this.rates.length), fromCurrencyCode, conversionRate, effectiveAt })
    this.settingsVersion += 1
  }

  /** The latest rate of a currency; 1 for the company's own. */
  rate(currency: string): number | undefined {
    if (currency === this.currency) return 1
    const known = this.rates.filter(({ fromCurrencyCode }) => fromCurrencyCode === currency)
    return known.sort((a, b) => b.effectiveAt - a.effectiveAt)[0]?.conversionRate
  }

  /** The stage of a deal or lead. */
  stage(type: ObjectType, id: string | undefined): Stage | undefined {
    if (type !== 'deals' && type !== 'leads') return undefined
    return this.pipelines[type].flatMap(({ stages }) => stages).find((stage) => stage.id === id)
  }

  /** Everything the type can be in a stage of. */
  stageIds(type: ObjectType): string[] {
    if (type === 'deals' || type === 'leads') {
      return this.pipelines[type].flatMap(({ stages }) => stages.map(({ id }) => id))
    }
    return LIFECYCLE_STAGES
  }

  #define(type: ObjectType): void {
    const stages = STAGE_PROPERTY[type] ? stageProperties(type, this.stageIds(type)) : []
    for (const property of [...builtIn(type), ...stages]) this.properties[type].set(property.name, property)
  }
}
