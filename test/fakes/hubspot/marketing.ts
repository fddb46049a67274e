import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'

export const CONTACT_LISTS = ['contactFirstTouch', 'contactLastTouch', 'influencedContacts'] as const
export type ContactList = (typeof CONTACT_LISTS)[number]

export const REVENUE_MODELS = [
  'LINEAR',
  'FIRST_INTERACTION',
  'LAST_INTERACTION',
  'FULL_PATH',
  'U_SHAPED',
  'W_SHAPED',
  'TIME_DECAY',
  'J_SHAPED',
  'INVERSE_J_SHAPED',
] as const
export type RevenueModel = (typeof REVENUE_MODELS)[number]

/** One line of a campaign's budget or spending; it carries no date of spending. */
export interface MoneyItem {
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly amount: number
  readonly order: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** Contacts a campaign has touched and when, side by side. */
export interface Touched {
  readonly ids: string[]
  readonly at: number[]
}

export interface Revenue {
  readonly revenueAmount: number
  readonly dealAmount: number
  readonly dealsNumber: number
  readonly contactsNumber: number
}

export interface Campaign {
  readonly id: string
  readonly createdAt: number
  updatedAt: number
  properties: Record<string, string>
  readonly budget: MoneyItem[]
  readonly spend: MoneyItem[]
  readonly contacts: Record<ContactList, Touched>
  sessions: number
  readonly revenue: Partial<Record<RevenueModel, Revenue>>
  readonly assets: Record<string, { readonly id: string; readonly name: string }[]>
}

export interface NewCampaign {
  readonly id?: string
  readonly createdAt?: number
  readonly updatedAt?: number
  readonly properties?: Readonly<Record<string, string>>
  /** Amounts. */
  readonly budget?: readonly number[]
  readonly spend?: readonly number[]
  readonly contacts?: Partial<Record<ContactList, Touched>>
  readonly sessions?: number
  readonly revenue?: Partial<Record<RevenueModel, Revenue>>
  readonly assets?: Campaign['assets']
}

export interface Submission {
  readonly conversionId: string
  readonly submittedAt: number
  readonly pageUrl: string
  readonly values: readonly { readonly name: string; readonly value: string; readonly objectTypeId: string }[]
}

export interface Form {
  readonly id: string
  readonly name: string
  readonly formType: 'hubspot' | 'flow' | 'captured' | 'blog_comment'
  readonly createdAt: number
  /** Newest first. */
  readonly submissions: Submission[]
}

export type Attendance = 'REGISTERED' | 'ATTENDED' | 'CANCELLED' | 'NO_SHOW'

export interface Participation {
  readonly id: string
  readonly contactId: string
  readonly email: string
  readonly state: Attendance
  readonly occurredAt: number
}

export interface MarketingEvent {
  /** `marketingEventId` in participations. */
  readonly objectId: string
  readonly eventName: string
  readonly eventType: string
  readonly startDateTime: number
  readonly endDateTime: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly participations: Participation[]
}

/** A portal's campaigns, forms and marketing events. */
export class Marketing {
  readonly campaigns = new Map<string, Campaign>()
  readonly forms = new Map<string, Form>()
  readonly events = new Map<string, MarketingEvent>()
  readonly #clock: Clock
  #last = 395_000_000_000

  constructor(clock: Clock) {
    this.#clock = clock
  }

  addCampaign(campaign: NewCampaign = {}): Campaign {
    const createdAt = campaign.createdAt ?? this.#clock.now()
    const items = (amounts: readonly number[] = [], name: string) =>
      amounts.map((amount, order) => this.#item(`${name} ${order + 1}`, amount, order, createdAt))
    const none = (): Touched => ({ ids: [], at: [] })
    const id = campaign.id ?? randomUUID()
    const full: Campaign = {
      id,
      createdAt,
      updatedAt: campaign.updatedAt ?? createdAt,
      properties: { hs_name: `Campaign ${this.campaigns.size + 1}`, ...campaign.properties },
      budget: items(campaign.budget, 'Budget'),
      spend: items(campaign.spend, 'Spend'),
      contacts: {
        contactFirstTouch: none(),
        contactLastTouch: none(),
        influencedContacts: none(),
        ...campaign.contacts,
      },
      sessions: campaign.sessions ?? 0,
      revenue: campaign.revenue ?? {},
      assets: campaign.assets ?? {},
    }
    this.campaigns.set(id, full)
    return full
  }

  updateCampaign(id: string, properties: Readonly<Record<string, string>>): void {
    const campaign = this.#campaign(id)
    campaign.properties = { ...campaign.properties, ...properties }
    campaign.updatedAt = this.#clock.now()
  }

  deleteCampaign(id: string): void {
    this.campaigns.delete(id)
  }

  addSpend(id: string, amount: number, name = 'Spend', at = this.#clock.now()): MoneyItem {
    const { spend } = this.#campaign(id)
    const item = this.#item(name, amount, spend.length, at)
    spend.push(item)
    return item
  }

  /** Lets a campaign touch a contact. */
  touch(id: string, list: ContactList, contactId: string, at = this.#clock.now()): void {
    const { ids, at: moments } = this.#campaign(id).contacts[list]
    ids.push(contactId)
    moments.push(at)
  }

  setRevenue(id: string, model: RevenueModel, revenue: Revenue): void {
    this.#campaign(id).revenue[model] = revenue
  }

  addForm(form: Partial<Omit<Form, 'submissions'>> = {}): Form {
    const id = form.id ?? randomUUID()
    const full: Form = {
      id,
      name: form.name ?? `Form ${this.forms.size + 1}`,
      formType: form.formType ?? 'hubspot',
      createdAt: form.createdAt ?? this.#clock.now(),
      submissions: [],
    }
    this.forms.set(id, full)
    return full
  }

  /** Hands a form in; the newest submission comes first in answers. */
  submit(
    formId: string,
    values: Readonly<Record<string, string>>,
    options: { at?: number; pageUrl?: string } = {},
  ): void {
    const form = this.forms.get(formId)
    if (!form) throw new Error(`no form ${formId}`)
    const submission: Submission = {
      conversionId: randomUUID(),
      submittedAt: options.at ?? this.#clock.now(),
      pageUrl: options.pageUrl ?? 'https://www.example.com/contact',
      values: Object.entries(values).map(([name, value]) => ({ name, value, objectTypeId: '0-1' })),
    }
    const before = form.submissions.findIndex(({ submittedAt }) => submittedAt <= submission.submittedAt)
    form.submissions.splice(before < 0 ? form.submissions.length : before, 0, submission)
  }

  addEvent(event: Partial<Omit<MarketingEvent, 'participations'>> = {}): MarketingEvent {
    const at = this.#clock.now()
    const full: MarketingEvent = {
      objectId: event.objectId ?? this.#id(),
      eventName: event.eventName ?? `Event ${this.events.size + 1}`,
      eventType: event.eventType ?? 'WEBINAR',
      startDateTime: event.startDateTime ?? at,
      endDateTime: event.endDateTime ?? (event.startDateTime ?? at) + 60 * 60 * 1000,
      createdAt: event.createdAt ?? at,
      updatedAt: event.updatedAt ?? event.createdAt ?? at,
      participations: [],
    }
    this.events.set(full.objectId, full)
    return full
  }

  participate(
    eventId: string,
    contact: { readonly id: string; readonly email: string },
    state: Attendance = 'REGISTERED',
    occurredAt = this.#clock.now(),
  ): void {
    const event = this.events.get(eventId)
    if (!event) throw new Error(`no marketing event ${eventId}`)
    event.participations.push({ id: this.#id(), contactId: contact.id, email: contact.email, state, occurredAt })
  }

  /** Removes a contact from every list. */
  forget(contactId: string): void {
    for (const { contacts } of this.campaigns.values()) {
      for (const list of CONTACT_LISTS) {
        const { ids, at } = contacts[list]
        const index = ids.indexOf(contactId)
        if (index < 0) continue
        ids.splice(index, 1)
        at.splice(index, 1)
      }
    }
    for (const { participations } of this.events.values()) {
      const index = participations.findIndex((one) => one.contactId === contactId)
      if (index >= 0) participations.splice(index, 1)
    }
  }

  #campaign(id: string): Campaign {
    const campaign = this.campaigns.get(id)
    if (!campaign) throw new Error(`no campaign ${id}`)
    return campaign
  }

  #item(name: string, amount: number, order: number, at: number): MoneyItem {
    return { id: this.#id(), name, description: null, amount, order, createdAt: at, updatedAt: at }
  }

  #id(): string {
    this.#last += 11
    return String(this.#last)
  }
}
