import { SaxesParser } from 'saxes'
import { z } from 'zod'
import type { HttpRequest } from '../../src/sync/contract.ts'
import { CURRENCY, DAY, ELEMENT, PATHS, RATE } from './unverified.ts'

/** One rate as it stands in the feed: nothing of it is judged yet. */
export interface Quote {
  readonly day: string
  readonly currency: string
  readonly rate: string
}

/** Deepest nesting of a feed. */
const DEPTH = 20

/** A feed, oldest day first. An answer that is cut short or holds no rate is none. */
export const Feed = z.string().transform((text, context): Quote[] => {
  try {
    const quotes = parseFeed(text)
    if (quotes.length > 0) return quotes
    context.addIssue({ code: 'custom', message: 'no rate in it' })
  } catch (error) {
    context.addIssue({ code: 'custom', message: `no XML: ${(error as Error).message.slice(0, 100)}` })
  }
  return z.NEVER
})

export function requestOf(part: keyof typeof PATHS): HttpRequest {
  return { path: PATHS[part], text: true }
}

/** Reads XML; nothing is ever loaded or replaced: a DOCTYPE, the only place for own entities, is refused. */
function parseFeed(text: string): Quote[] {
  const quotes: Quote[] = []
  const parser = new SaxesParser({ xmlns: false, position: false })
  let depth = 0
  let day = ''
  parser.on('error', (error) => {
    throw error
  })
  parser.on('doctype', () => {
    throw new Error('a DOCTYPE')
  })
  parser.on('opentag', ({ name, attributes }) => {
    depth += 1
    if (depth > DEPTH) throw new Error('nested too deep')
    if (name !== ELEMENT) return
    day = attributes[DAY] ?? day
    const currency = attributes[CURRENCY]
    if (currency !== undefined) quotes.push({ day, currency, rate: attributes[RATE] ?? '' })
  })
  parser.on('closetag', () => {
    depth -= 1
  })
  parser.write(text).close()
  return quotes.sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : a.currency < b.currency ? -1 : 1))
}
