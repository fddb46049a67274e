import { generator, type Random } from '../../../src/demo/random.ts'
import type { HubSpotAccount } from './account.ts'
import { LIFECYCLE_STAGES, SOURCES } from './catalog.ts'
import type { Attendance, Campaign } from './marketing.ts'
import type { Change, CrmRecord, ObjectType } from './records.ts'
import { iso } from './render.ts'
import { CITIES, CLICK_IDS, DEALS, DRILL, FAMILY, GIVEN, TITLES, TOPICS, TRADES } from './seed-words.ts'

const DAY = 24 * 60 * 60 * 1000

export interface SeedOptions {
  readonly contacts?: number
  /** Default: a tenth of the contacts. */
  readonly companies?: number
  readonly deals?: number
  readonly leads?: number
  readonly campaigns?: number
  readonly forms?: number
  readonly events?: number
  readonly owners?: number
  /** So many of the first contacts were changed in one bulk edit and share a modified date. */
  readonly bulkEdited?: number
  /** Same number, same portal. */
  readonly seed?: number
  /** The newest change; default: a day before the fake's present. */
  readonly until?: number
  /** How long the portal exists. */
  readonly days?: number
}

/** Fills a portal. A hundred thousand contacts take about a second. */
export function seedPortal(account: HubSpotAccount, options: SeedOptions = {}): void {
  const { contacts = 1000, deals = Math.ceil(contacts / 5), leads = 0, campaigns = 20, owners = 5 } = options
  const { companies = Math.ceil(contacts / 10), forms = 5, events = 3, bulkEdited = 0, days = 730 } = options
  const until = options.until ?? account.clock.now() - DAY
  const seeder = new Seeder(account, generator(options.seed ?? 1), until - days * DAY, until)
  for (let count = 0; count < owners; count += 1) account.addOwner()
  account.setRate('USD', 7.1, until - days * DAY)
  account.setRate('USD', 7.2, until)
  account.setRate('EUR', 7.8, until - days * DAY)
  seeder.campaigns(campaigns)
  seeder.companies(companies)
  seeder.contacts(contacts, bulkEdited)
  seeder.deals(deals)
  seeder.leads(leads)
  seeder.revenue()
  seeder.forms(forms)
  seeder.events(events)
}

class Seeder {
  readonly #account: HubSpotAccount
  readonly #random: Random
  readonly #from: number
  readonly #until: number
  readonly #campaigns: Campaign[] = []
  readonly #contacts: CrmRecord[] = []
  readonly #companies: CrmRecord[] = []

  constructor(account: HubSpotAccount, random: Random, from: number, until: number) {
    this.#account = account
    this.#random = random
    this.#from = from
    this.#until = until
  }

  campaigns(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const start = this.#moment(index / count)
      const end = start + (14 + this.#random.below(60)) * DAY
      const name = `${this.#random.pick(TOPICS)} ${index + 1}`
      const amounts = (most: number) =>
        Array.from({ length: this.#random.below(most) }, () => this.#random.below(2_000_000) / 100)
      this.#campaigns.push(
        this.#account.marketing.addCampaign({
          id: this.#guid(),
          createdAt: start,
          properties: {
            hs_name: name,
            hs_start_date: iso(start).slice(0, 10),
            hs_end_date: iso(end).slice(0, 10),
            hs_utm: name.toLowerCase().replaceAll(' ', '-'),
            hs_currency_code: this.#account.currency,
            hs_campaign_status: end < this.#until ? 'completed' : 'in_progress',
          },
          budget: amounts(3),
          spend: amounts(5),
          sessions: this.#random.below(20_000),
        }),
      )
    }
  }

  companies(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const number = index + 1
      const properties: Record<string, string> = {
        name: `${this.#random.pick(TRADES)} ${number}`,
        domain: `company-${number}.example.com`,
        city: this.#random.pick(CITIES),
      }
      if (index % 3 === 0) properties.industry = 'COMPUTER_SOFTWARE'
      this.#companies.push(this.#record('companies', this.#account.nextId(), this.#moment(index / count), properties))
    }
  }

  contacts(count: number, bulkEdited: number): void {
    for (let index = 0; index < count; index += 1) {
      const createdAt = this.#moment(index / count)
      const contact = this.#record('contacts', this.#contactId(index, count), createdAt, this.#person(index, createdAt))
      this.#ripen(contact)
      if (index < bulkEdited) contact.updatedAt = this.#until
      this.#contacts.push(contact)
      this.#company(contact, index)
      this.#touch(contact)
    }
  }

  deals(count: number): void {
    const pipelines = this.#account.pipelines.deals
    for (let index = 0; index < count; index += 1) {
      const createdAt = this.#moment(index / count)
      const pipeline = pipelines[index % 4 === 0 ? 1 : 0] ?? this.#random.pick(pipelines)
      const whole = 100 * (1 + this.#random.below(2000))
      const properties: Record<string, string> = {
        dealname: `${this.#random.pick(DEALS)} ${index + 1}`,
        pipeline: pipeline.id,
        deal_currency_code: this.#random.pick([this.#account.currency, this.#account.currency, 'USD', 'EUR']),
        dealtype: this.#random.below(4) === 0 ? 'existingbusiness' : 'newbusiness',
        hubspot_owner_id: this.#owner(),
      }
      // The real system keeps the spelling of who wrote it; some deals have no amount.
      if (index % 20 !== 7)
        properties.amount = index % 2 === 0 ? String(whole) : `${whole}.${10 + this.#random.below(90)}`
      const deal = this.#record('deals', this.#account.nextId(), createdAt, properties)
      this.#advance(
        deal,
        pipeline.stages.map(({ id }) => id),
      )
      this.#people(deal)
    }
  }

  leads(count: number): void {
    const pipeline = this.#account.pipelines.leads[0]
    for (let index = 0; index < count && pipeline; index += 1) {
      const lead = this.#record('leads', this.#account.nextId(), this.#moment(index / count), {
        hs_lead_name: `${this.#random.pick(GIVEN)} ${index + 1}`,
        hs_lead_type: 'NEW_BUSINESS',
        hs_lead_label: this.#random.pick(['HOT', 'WARM', 'COLD']),
        hs_pipeline: pipeline.id,
        hs_pipeline_stage: this.#random.pick(pipeline.stages).id,
      })
      const contact = this.#contacts.length > 0 ? this.#random.pick(this.#contacts) : undefined
      if (contact) join(lead, 'leads', contact, 'contacts')
    }
  }

  /** What the portal itself would report, roughly: by the won deals of a campaign's contacts. */
  revenue(): void {
    for (const campaign of this.#campaigns) {
      for (const [model, list] of [
        ['FIRST_INTERACTION', 'contactFirstTouch'],
        ['LAST_INTERACTION', 'contactLastTouch'],
        ['LINEAR', 'influencedContacts'],
      ] as const) {
        const contactsNumber = campaign.contacts[list].ids.length
        const dealsNumber = Math.floor(contactsNumber / 20)
        const revenueAmount = dealsNumber * 50_000
        campaign.revenue[model] = { revenueAmount, dealAmount: revenueAmount, dealsNumber, contactsNumber }
      }
    }
  }

  forms(count: number): void {
    const { marketing } = this.#account
    const forms = Array.from({ length: count }, (_, index) =>
      marketing.addForm({
        id: this.#guid(),
        name: `${this.#random.pick(TOPICS)} form ${index + 1}`,
        formType: index % 4 === 3 ? 'flow' : 'hubspot',
        createdAt: this.#from,
      }),
    )
    if (forms.length === 0) return
    // Newest last here: handing in puts the newest first.
    for (let index = 0; index < this.#contacts.length && index < 2000; index += 3) {
      const { properties, createdAt } = this.#contacts[index]!
      if (properties.email)
        marketing.submit(this.#random.pick(forms).id, { email: properties.email.toUpperCase() }, { at: createdAt })
    }
  }

  events(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const at = this.#moment((index + 0.5) / count)
      const event = this.#account.marketing.addEvent({
        eventName: `Webinar ${index + 1} 线上研讨会`,
        startDateTime: at,
        createdAt: at,
      })
      for (let guest = 0; guest < Math.min(50, this.#contacts.length); guest += 1) {
        const { id, properties } = this.#random.pick(this.#contacts)
        const state = this.#random.pick<Attendance>(['REGISTERED', 'ATTENDED', 'ATTENDED', 'CANCELLED', 'NO_SHOW'])
        this.#account.marketing.participate(event.objectId, { id, email: properties.email ?? '' }, state, at)
      }
    }
  }

  #record(type: ObjectType, id: string, createdAt: number, properties: Record<string, string>): CrmRecord {
    const changed = this.#random.below(3) === 0 ? this.#random.below(90 * DAY) : this.#random.below(DAY)
    const updatedAt = Math.min(this.#until, createdAt + changed)
    const record: CrmRecord = { id, createdAt, updatedAt, properties, links: {} }
    this.#account.table(type).live.add(record)
    return record
  }

  /**
   * Ids as portals have them: the first quarter is old and small, the rest has twelve digits and gaps. Who splits the
   * range evenly gets very uneven parts.
   */
  #contactId(index: number, count: number): string {
    if (index < count / 4) return String(1 + 50 * index)
    return this.#account.nextId()
  }

  #moment(share: number): number {
    return Math.floor(this.#from + (this.#until - this.#from) * share)
  }

  #person(index: number, createdAt: number): Record<string, string> {
    const random = this.#random
    const source = random.pick(SOURCES)
    const [first, second] = DRILL[source]?.(random) ?? ['', '']
    const seen = iso(createdAt - random.below(DAY))
    const properties: Record<string, string> = {
      email: `contact-${index + 1}@example.com`,
      firstname: random.pick(GIVEN),
      lastname: random.pick(FAMILY),
      city: random.pick(CITIES),
      hs_analytics_source: source,
      hs_analytics_source_data_1: first,
      hs_analytics_num_visits: String(random.below(30)),
      hs_analytics_num_page_views: String(random.below(200)),
      hs_analytics_first_timestamp: seen,
      hs_latest_source: source,
      hs_latest_source_data_1: first,
      hs_latest_source_timestamp: seen,
      hubspot_owner_id: this.#owner(),
      hs_object_source: source === 'OFFLINE' ? 'IMPORT' : 'FORM',
      lifecyclestage: 'lead',
    }
    const title = random.pick(TITLES)
    if (title) properties.jobtitle = title
    if (second) {
      properties.hs_analytics_source_data_2 = second
      properties.hs_latest_source_data_2 = second
    }
    if (source !== 'OFFLINE') properties.hs_analytics_first_url = `https://www.example.com/${index % 50}?utm_source=x`
    const click = CLICK_IDS[source]
    if (click) properties[random.pick(click)] = `Cj0${(index * 7919).toString(36)}.${random.below(1e9).toString(36)}`
    return properties
  }

  #owner(): string {
    return this.#account.owners.length > 0 ? this.#random.pick(this.#account.owners).id : ''
  }

  /** Half of the contacts get further than lead. */
  #ripen(contact: CrmRecord): void {
    const steps = [0, 0, 0, 0, 1, 1, 2, 3, 4][this.#random.below(9)] ?? 0
    if (steps > 0) this.#climb(contact, 'lifecyclestage', LIFECYCLE_STAGES.slice(1, 2 + steps))
  }

  /** Open deals stop half-way, the rest end in one of the two last stages. */
  #advance(deal: CrmRecord, stages: readonly string[]): void {
    const open = stages.slice(0, -2)
    const way = open.slice(0, 1 + this.#random.below(open.length))
    const fate = this.#random.below(10)
    const end = fate < 4 ? stages.at(-2) : fate < 7 ? stages.at(-1) : undefined
    if (end) way.push(end)
    this.#climb(deal, 'dealstage', way)
    if (end) deal.properties.closedate = iso(deal.updatedAt)
    else if (fate < 9) deal.properties.closedate = iso(deal.updatedAt + (1 + this.#random.below(90)) * DAY)
  }

  #climb(record: CrmRecord, property: string, stages: readonly string[]): void {
    let at = record.createdAt
    const changes: Change[] = []
    for (const value of stages) {
      changes.push({ value, at })
      at = Math.min(this.#until, at + 1 + this.#random.below(20 * DAY))
    }
    const last = changes.at(-1)
    if (!last) return
    record.properties[property] = last.value
    record.updatedAt = Math.max(record.updatedAt, last.at)
    if (changes.length > 1) record.changes = { ...record.changes, [property]: changes }
  }

  /** One contact in a hundred works for the same large company. */
  #company(contact: CrmRecord, index: number): void {
    if (this.#companies.length === 0 || index % 10 === 9) return
    const company = index % 100 === 0 ? this.#companies[0] : this.#random.pick(this.#companies)
    if (company) join(contact, 'contacts', company, 'companies')
  }

  /** Two contacts in five came in touch with campaigns. */
  #touch({ id, createdAt, properties }: CrmRecord): void {
    if (this.#campaigns.length === 0 || this.#random.below(5) > 1) return
    const first = this.#random.pick(this.#campaigns)
    const last = this.#random.pick(this.#campaigns)
    properties.hs_analytics_first_touch_converting_campaign = first.id
    properties.hs_analytics_last_touch_converting_campaign = last.id
    const note = (list: Campaign['contacts']['influencedContacts'], at: number) => {
      list.ids.push(id)
      list.at.push(at)
    }
    note(first.contacts.contactFirstTouch, createdAt)
    note(last.contacts.contactLastTouch, createdAt)
    note(first.contacts.influencedContacts, createdAt)
    if (last !== first) note(last.contacts.influencedContacts, createdAt)
  }

  /** One to three contacts, and the company of the first. */
  #people(deal: CrmRecord): void {
    if (this.#contacts.length === 0) return
    const people = new Set<CrmRecord>()
    for (let count = 1 + this.#random.below(3); count > 0; count -= 1) people.add(this.#random.pick(this.#contacts))
    for (const contact of people) join(deal, 'deals', contact, 'contacts')
    const employer = [...people][0]?.links.companies?.[0]
    const company = employer === undefined ? undefined : this.#account.get('companies', employer)
    if (company) join(deal, 'deals', company, 'companies')
  }

  #guid(): string {
    const digits = Array.from({ length: 32 }, () => this.#random.below(16).toString(16)).join('')
    return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5')
  }
}

/** Records of a seed meet only once, so nothing is looked up. */
function join(a: CrmRecord, aType: ObjectType, b: CrmRecord, bType: ObjectType): void {
  a.links[bType] ??= []
  a.links[bType].push(b.id)
  b.links[aType] ??= []
  b.links[aType].push(a.id)
}
