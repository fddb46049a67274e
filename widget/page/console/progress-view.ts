import type { ConnectionStatus, ConnectorInfo } from '../../../src/api.ts'
import { safe } from '../../text.ts'
import type { CONSOLE_WORDS } from './words.ts'

/** What a run under way tells: what is read, how much of it, how fast, how long it takes, and what the source still allows. */
export function progressLine(
  words: (typeof CONSOLE_WORDS)['en'],
  { progress, quota }: Pick<ConnectionStatus, 'progress' | 'quota'>,
  streams: ConnectorInfo['streams'],
): string {
  if (!progress) return ''
  const { stream, rows, part, rows_per_second: rate, eta } = progress
  const title = streams.find((one) => one.stream === stream)?.title ?? stream
  const parts = [
    safe(title),
    words.rows(rows),
    part === null ? '' : `${Math.floor(part * 100)}%`,
    rate >= 1 ? words.rate(Math.round(rate)) : '',
    eta ? words.left(range(words, eta)) : '',
    quota ? words.quota(quota.left, quota.of) : '',
  ]
  return parts.filter((text) => text !== '').join(' · ')
}

/** Seconds from and to, as people say them. */
function range(words: (typeof CONSOLE_WORDS)['en'], [least, most]: readonly [number, number]): string {
  const [from, to] = [duration(words, least), duration(words, most)]
  return from === to ? from : `${from} – ${to}`
}

function duration(words: (typeof CONSOLE_WORDS)['en'], seconds: number): string {
  const whole = Math.max(1, Math.round(seconds))
  if (whole < 60) return words.seconds(whole)
  return whole < 5400 ? words.minutes(Math.round(whole / 60)) : words.hours(Math.round(whole / 3600))
}
