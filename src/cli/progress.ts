import type { WriteStream } from 'node:tty'
import type { Locale } from '../errors.ts'
import type { Progress } from '../server/services.ts'
import { plain } from './text.ts'

/** Shows how far a long command is. */
export interface Meter {
  show(progress: Progress, locale: Locale): void
  clear(): void
}

/** On a terminal the line is redrawn that often, elsewhere a plain line is written that often. */
const REDRAW_MS = 100
const LINE_MS = 10_000

/** One line that is redrawn on a terminal; a line every ten seconds into a file or pipe; nothing when quiet. */
export function createMeter(stream: WriteStream, quiet: boolean, now = () => performance.now()): Meter {
  const start = now()
  let last = stream.isTTY ? 0 : start
  let drawn = false
  const recent: Sample[] = [{ time: start, task: '', rows: 0, part: 0 }]
  const clear = () => {
    if (drawn) stream.write('\r\u001b[K')
    drawn = false
  }
  if (quiet) return { show() {}, clear() {} }
  return {
    show(progress, locale) {
      const time = now()
      if (time - last < (stream.isTTY ? REDRAW_MS : LINE_MS)) return
      last = time
      recent.push({ time, ...progress })
      while (recent.length > 2 && time - (recent[0]?.time ?? 0) > 10_000) recent.shift()
      const line = describe(progress, time - start, recent, locale)
      if (stream.isTTY) {
        stream.write(`\r\u001b[K${line.slice(0, (stream.columns ?? 80) - 1)}`)
        drawn = true
      } else stream.write(`${line}\n`)
    },
    clear,
  }
}

/** One line of progress that tells its own rate and time left. */
export function progressLine(progress: Progress, locale: Locale): string {
  return describe(progress, 0, [], locale)
}

interface Sample extends Progress {
  readonly time: number
}

function describe(progress: Progress, elapsed: number, recent: readonly Sample[], locale: Locale): string {
  const zh = locale === 'zh-CN'
  const count = new Intl.NumberFormat(locale)
  const parts = [plain(progress.task)]
  if (progress.rows > 0) parts.push(`${count.format(progress.rows)} ${zh ? '行' : 'rows'}`)
  const rate = progress.rate ?? rateOf(recent)
  if (rate > 0) parts.push(`${count.format(Math.round(rate))} ${zh ? '行/秒' : 'rows/s'}`)
  if (progress.part !== null) parts.push(`${Math.floor(progress.part * 100)} %`)
  const left = progress.eta === undefined ? rangeLeft(progress, elapsed, recent) : range(progress.eta)
  if (left) parts.push(zh ? `剩余 ${left}` : `${left} left`)
  if (progress.quota)
    parts.push(`${zh ? '额度' : 'quota'} ${count.format(progress.quota.left)}/${count.format(progress.quota.of)}`)
  return parts.join(' · ')
}

/** Rows each second over the last ten seconds. */
function rateOf(recent: readonly Sample[]): number {
  const [first, last] = [recent[0], recent.at(-1)]
  if (!first || !last || last.time <= first.time) return 0
  return Math.max(0, ((last.rows - first.rows) * 1000) / (last.time - first.time))
}

/** Time left as a range: by the pace since the start and by that of the last ten seconds. */
function rangeLeft({ part }: Progress, elapsed: number, recent: readonly Sample[]): string | null {
  if (!part || part >= 1 || elapsed < 2000) return null
  const first = recent[0]
  const pace = first?.part != null && part > first.part ? (part - first.part) / (recent.at(-1)!.time - first.time) : 0
  const whole = ((1 - part) * elapsed) / part
  const lately = pace > 0 ? (1 - part) / pace : whole
  const [low, high] = [Math.min(whole, lately) * 0.9, Math.max(whole, lately) * 1.1]
  return range([low / 1000, high / 1000])
}

/** Seconds, from and to. */
function range(seconds: readonly [number, number] | null): string | null {
  if (!seconds) return null
  const [least, most] = [duration(seconds[0] * 1000), duration(seconds[1] * 1000)]
  return least === most ? least : `${least}–${most}`
}

function duration(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}
