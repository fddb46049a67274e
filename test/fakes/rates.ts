import type { Clock } from './clock.ts'
import type { FakeAnswer, FakeRequest } from './http.ts'
import { type Fake, startFake } from './server.ts'

const DAY = 86_400_000
/** What one euro is worth on the first day. */
const FIRST = { USD: 1.08, CNY: 7.8, JPY: 160 } as const

/** The feeds of a central bank: working days of the year before the clock's now. */
export async function ratesFake(clock: Clock): Promise<{ fake: Fake; days: readonly string[] }> {
  const days = Array.from({ length: 365 }, (_, i) => new Date(clock.now() - (365 - i) * DAY))
    .filter((day) => day.getUTCDay() % 6 !== 0)
    .map((day) => day.toISOString().slice(0, 10))
  const refuse = (_request: FakeRequest, status: number, message: string): FakeAnswer => ({ status, text: message })
  const route = (name: string, some: (now: number) => readonly string[]) => ({
    method: 'GET',
    path: `/stats/eurofxref/${name}.xml`,
    handle: ({ now }: FakeRequest): FakeAnswer => ({
      status: 200,
      headers: { 'Content-Type': 'text/xml' },
      text: feedOf(some(now).map((day) => [day, quotesOf(days.indexOf(day))])),
    }),
  })
  const fake = await startFake(
    {
      routes: [
        route('eurofxref-daily', () => days.slice(-1)),
        route('eurofxref-hist-90d', (now) => days.filter((day) => Date.parse(day) >= now - 90 * DAY)),
        route('eurofxref-hist', () => days),
      ],
      authenticate: () => 'public',
      tooMany: (request, policy) => refuse(request, 429, policy),
      refuse,
    },
    { clock },
  )
  return { fake, days }
}

/** Rates move a little every day. */
function quotesOf(day: number): Record<string, string> {
  return Object.fromEntries(Object.entries(FIRST).map(([code, rate]) => [code, (rate * (1 + day / 5000)).toFixed(4)]))
}

/** A feed as the bank writes it, the newest day first. */
export function feedOf(days: readonly (readonly [day: string, quotes: Readonly<Record<string, string>>])[]): string {
  const cubes = days.toReversed().map(([day, quotes]) => {
    const lines = Object.entries(quotes).map(([code, rate]) => `<Cube currency="${code}" rate="${rate}"/>`)
    return `<Cube time="${day}">${lines.join('')}</Cube>`
  })
  return (
    '<?xml version="1.0" encoding="UTF-8"?><gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" ' +
    'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><gesmes:subject>Reference rates</gesmes:subject>' +
    `<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender><Cube>${cubes.join('')}</Cube></gesmes:Envelope>`
  )
}
