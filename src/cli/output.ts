import { styleText } from 'node:util'
import type { Locale, Text } from '../errors.ts'
import type { Progress } from '../server/services.ts'
import { createMeter, type Meter } from './progress.ts'

/** Where a command writes: data to standard output, everything else to standard error. */
export class Output {
  /** Language of messages. */
  locale: Locale
  readonly #quiet: boolean
  readonly #color: boolean
  readonly #meter: Meter

  constructor(options: { locale: Locale; quiet: boolean; color: boolean }) {
    this.locale = options.locale
    this.#quiet = options.quiet
    this.#color = options.color
    this.#meter = createMeter(process.stderr, options.quiet)
  }

  /** Writes data. Resolves when the reader took it, so that a slow one slows us down and memory stays small. */
  data(text: string): Promise<void> {
    this.#meter.clear()
    return new Promise((resolve, reject) => {
      process.stdout.write(text, (error) => (error ? reject(error) : resolve()))
    })
  }

  /** Writes data as JSON on one line. */
  json(value: unknown): Promise<void> {
    return this.data(`${JSON.stringify(value)}\n`)
  }

  /** Tells a person something. Not with --quiet. */
  say(text: Text): void {
    if (!this.#quiet) this.#write(text[this.locale])
  }

  /** Tells a person something they must know, also with --quiet. */
  warn(text: Text): void {
    this.#write(this.#paint('yellow', text[this.locale]))
  }

  /** The one line of a failure. */
  fail(line: string): void {
    this.#write(this.#paint('red', line))
  }

  /** A failure for programs, on one line. */
  failure(error: { code: string; message: string; remedy: string | null }): void {
    this.#write(JSON.stringify({ error }))
  }

  progress(progress: Progress): void {
    this.#meter.show(progress, this.locale)
  }

  /** Takes the progress line away. */
  done(): void {
    this.#meter.clear()
  }

  #write(line: string): void {
    this.#meter.clear()
    process.stderr.write(`${line}\n`)
  }

  #paint(color: 'yellow' | 'red', text: string): string {
    return this.#color ? styleText(color, text, { stream: process.stderr }) : text
  }
}
