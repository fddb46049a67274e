import { parse } from 'csv-parse/sync'

/**
 * What `export` writes, read back as plain facts. Nothing in this folder but the maker of random workspaces imports the
 * product: its figures are worked out a second time from the exported files and the settings alone, by loops that a
 * reader can follow with a pencil.
 */

/** The exported files, by name. */
export type Files = Readonly<
  Record<'contacts' | 'deals' | 'campaigns' | 'touches' | 'costs' | 'payments' | 'rates', string>
>

export interface Contact {
  readonly id: string
  readonly email: string | null
  readonly phone: string | null
  readonly account: string | null
  /** Milliseconds since 1970, as all instants here. */
  readonly created: number
  /** When it became a lead: its own date, else its creation. */
  readonly lead: number
}

export interface Campaign {
  readonly id: string
  readonly channel: string | null
  readonly parent: string | null
  readonly free: boolean
}

export interface Touch {
  readonly id: string
  /** One of them is given. */
  readonly contact: string | null
  readonly email: string | null
  readonly phone: string | null
  readonly at: number
  readonly sequence: number | null
  readonly channel: string | null
  readonly campaign: string | null
}

/** Decimal text with its currency. */
export interface Amount {
  readonly amount: string
  readonly currency: string
}

export interface Deal extends Amount {
  readonly id: string
  readonly account: string | null
  readonly contacts: readonly string[]
  readonly created: number | null
  readonly closed: number | null
  /** Null = open. */
  readonly won: boolean | null
  readonly layer: string | null
}

export interface Payment extends Amount {
  readonly deal: string
  readonly at: number
}

export interface Cost extends Amount {
  readonly id: string
  readonly day: string
  readonly category: string
  readonly state: string
  readonly campaign: string | null
  readonly channel: string | null
}

export interface Rate {
  readonly from: string
  readonly to: string
  readonly day: string
  readonly rate: string
}

export interface Facts {
  readonly contacts: readonly Contact[]
  readonly campaigns: readonly Campaign[]
  readonly touches: readonly Touch[]
  readonly deals: readonly Deal[]
  readonly payments: readonly Payment[]
  readonly costs: readonly Cost[]
  readonly rates: readonly Rate[]
}

type Line = (name: string) => string | null

/** Lines of a file. An apostrophe in front keeps a cell from being run as a formula and is no part of it. */
function linesOf(file: string): Line[] {
  const rows: Record<string, string>[] = parse(file, { columns: true })
  return rows.map((row) => (name) => {
    const cell = row[name]
    if (cell === undefined || cell === '') return null
    return /^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell
  })
}

const instant = (text: string | null) => (text === null ? null : Date.parse(text))
const money = (line: Line): Amount => ({ amount: line('amount') ?? '0', currency: line('currency') ?? '' })

export function readFacts(files: Files): Facts {
  return {
    contacts: linesOf(files.contacts).map((line) => ({
      id: line('source_id')!,
      email: line('email'),
      phone: line('phone'),
      account: line('account_id'),
      created: instant(line('created_at'))!,
      lead: instant(line('lead_at')) ?? instant(line('created_at'))!,
    })),
    campaigns: linesOf(files.campaigns).map((line) => ({
      id: line('source_id')!,
      channel: line('channel'),
      parent: line('parent_id'),
      free: line('paid') === 'false',
    })),
    touches: linesOf(files.touches).map((line) => ({
      id: line('source_id')!,
      contact: line('contact_id'),
      email: line('email'),
      phone: line('phone'),
      at: instant(line('occurred_at'))!,
      sequence: line('sequence') === null ? null : Number(line('sequence')),
      channel: line('channel'),
      campaign: line('campaign_id'),
    })),
    deals: linesOf(files.deals).map((line) => ({
      id: line('source_id')!,
      account: line('account_id'),
      contacts: line('contact_ids')?.split(';') ?? [],
      ...money(line),
      created: instant(line('created_at')),
      closed: instant(line('closed_at')),
      won: line('won') === null ? null : line('won') === 'true',
      layer: line('layer'),
    })),
    payments: linesOf(files.payments).map((line) => ({
      deal: line('deal_id')!,
      ...money(line),
      at: instant(line('paid_at'))!,
    })),
    costs: linesOf(files.costs).map((line) => ({
      id: line('source_id')!,
      day: line('date')!,
      ...money(line),
      category: line('category')!,
      state: line('state')!,
      campaign: line('campaign_id'),
      channel: line('channel'),
    })),
    rates: linesOf(files.rates).map((line) => ({
      from: line('from')!,
      to: line('to')!,
      day: line('date')!,
      rate: line('rate')!,
    })),
  }
}
