import { abortable, type Clock } from './clock.ts'

/** Attempts in a row that end the belief that the source works. */
const IN_A_ROW = 20
/** Attempts of one run that may fail at all, unless they are a small part of it: vendors count errors by share. */
const PER_RUN = 60
const SMALL_PART = 0.05
/** How long nobody asks, milliseconds; then one request may look. */
const REST = 30_000

/** Right to ask; `probe`: the one request that finds out whether the source works again. */
export interface Admission {
  readonly probe: boolean
}

/**
 * Stops asking a source that does not work. Opens after 20 failed attempts in a row, for half a minute at a time, and
 * after 60 failed attempts of a run, if they are more than a twentieth of it, until the next run begins. While one request looks whether the source works again,
 * the others wait for what it finds.
 */
export class Breaker {
  readonly #clock: Clock
  readonly #down: () => Error
  readonly #onOpen: () => void
  #inRow = 0
  #inRun = 0
  #asked = 0
  /** When a request may look again; undefined while closed. */
  #openUntil: number | undefined
  #probe: { readonly ended: Promise<void>; end(): void } | undefined

  /** @param down makes the error of those who may not ask */
  constructor(clock: Clock, down: () => Error, onOpen: () => void) {
    this.#clock = clock
    this.#down = down
    this.#onOpen = onOpen
  }

  get open(): boolean {
    return this.#openUntil !== undefined
  }

  /** Failed attempts in a row. */
  get failures(): number {
    return this.#inRow
  }

  /** A new run begins: it may look at once. */
  begin(): void {
    this.#inRun = 0
    this.#asked = 0
    if (this.#openUntil !== undefined) this.#openUntil = 0
  }

  /** @throws the error of those who may not ask */
  check(): void {
    if (this.#openUntil !== undefined && !this.#probe && this.#clock.now() < this.#openUntil) throw this.#down()
  }

  /** @throws the error of those who may not ask, or the reason of the signal */
  async admit(signal: AbortSignal): Promise<Admission> {
    while (this.#openUntil !== undefined) {
      this.check()
      if (!this.#probe) {
        let end = () => {}
        const ended = new Promise<void>((resolve) => {
          end = resolve
        })
        this.#probe = { ended, end }
        return { probe: true }
      }
      await abortable(this.#probe.ended, signal)
    }
    return { probe: false }
  }

  /** How an attempt went; undefined when it was given up before it could tell. To be called once per admission. */
  report({ probe }: Admission, failed: boolean | undefined): void {
    const waiting = probe ? this.#probe : undefined
    if (probe) this.#probe = undefined
    if (failed !== undefined) this.#asked += 1
    if (failed === true) this.#fail(probe)
    else if (failed === false && (probe || this.#openUntil === undefined)) {
      this.#inRow = 0
      this.#openUntil = undefined
    }
    waiting?.end()
  }

  #fail(probe: boolean): void {
    this.#inRow += 1
    this.#inRun += 1
    const spent = this.#inRun >= PER_RUN && this.#inRun > this.#asked * SMALL_PART
    if (!probe && this.#inRow < IN_A_ROW && !spent) return
    const wasOpen = this.#openUntil !== undefined && !probe
    const until = spent ? Number.POSITIVE_INFINITY : this.#clock.now() + REST
    this.#openUntil = Math.max(this.#openUntil ?? 0, until)
    if (!wasOpen) this.#onOpen()
  }
}
