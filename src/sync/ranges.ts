import type { IdRange, Page } from './contract.ts'
import type { PendingRange } from './position.ts'

/** A page of one of the ranges, and what is still to be read once it is stored. */
export interface RangePage {
  readonly page: Page
  readonly pending: readonly PendingRange[]
}

/** A range that seems to have this many records left is shared; less is read sooner than a part of it is found empty. */
const WORTH_SPLITTING = 1000

interface Work {
  after: bigint
  upto: bigint
  /** Records per id on its last page. Ids may have wide gaps: what lies further back tells nothing of what comes. */
  density: number
  readonly recent: boolean
}

/**
 * Reads ranges of ids side by side. A worker that has nothing left takes the upper half of what another one still has
 * before it, so that all of them are busy until the end, however unevenly the ids are spread. Ids may lie far apart, so
 * only what a range has shown last says whether a part of it is worth a request. Recent ranges come first.
 * May be abandoned after any page; the pending ranges of the last page handed out say where to go on.
 * @param workers reads at a time
 * @param left how many records there are still to come at most
 */
export async function* readRanges(
  ranges: readonly PendingRange[],
  read: (range: IdRange) => AsyncIterable<Page>,
  workers: number,
  left: () => number = () => Number.POSITIVE_INFINITY,
): AsyncGenerator<RangePage> {
  const waiting = ranges.map(({ after, upto, recent }) => workOn(BigInt(after), BigInt(upto), recent))
  const active = new Set<Work>()
  const events = new Channel<{ work: Work; page: Page }>()
  let stopped = false
  let wake = () => {}
  let news = Promise.resolve()
  const tell = () => {
    wake()
    news = new Promise((resolve) => {
      wake = resolve
    })
  }
  tell()

  const take = (): Work | undefined => {
    const first = waiting.findIndex(({ recent }) => recent)
    const [next] = waiting.splice(Math.max(0, first), 1)
    return next ?? (left() < WORTH_SPLITTING ? undefined : split(active))
  }
  const worker = async () => {
    while (!stopped) {
      const work = take()
      if (!work) {
        // Those who still read may come upon more than they can do alone.
        if (active.size === 0) return
        await news
        continue
      }
      active.add(work)
      for await (const page of read({ after: String(work.after), upto: String(work.upto) })) {
        if (stopped) return
        await events.put({ work, page })
        // Another worker may have taken the rest of it meanwhile.
        if (work.after >= work.upto) break
      }
      active.delete(work)
      tell()
    }
  }
  const running = Array.from({ length: workers }, worker)
  for (const one of running) one.catch((error) => events.fail(error))
  const all = Promise.allSettled(running).then(() => events.end())
  try {
    for await (const { work, page } of events) {
      const reached = max(work.after, BigInt(page.cursor))
      if (reached > work.after) work.density = page.records.length / Number(reached - work.after)
      work.after = reached
      tell()
      const pending = [...active, ...waiting].filter(({ after, upto }) => after < upto)
      yield {
        page,
        pending: pending.map(({ after, upto, recent }) => ({ after: `${after}`, upto: `${upto}`, recent })),
      }
    }
  } finally {
    stopped = true
    tell()
    events.close()
    await all
  }
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

function workOn(after: bigint, upto: bigint, recent: boolean): Work {
  return { after, upto, density: 0, recent }
}

/** Records a range still has before it, if they go on as they were last. */
function ahead({ after, upto, density }: Work): number {
  return upto > after ? density * Number(upto - after) : 0
}

/** The upper half of the range with most before it, taken from whoever reads it. */
function split(active: ReadonlySet<Work>): Work | undefined {
  let largest: Work | undefined
  for (const work of active) if (ahead(work) > (largest ? ahead(largest) : WORTH_SPLITTING)) largest = work
  if (!largest) return undefined
  const middle = (largest.after + largest.upto) / 2n
  const half = workOn(middle, largest.upto, largest.recent)
  largest.upto = middle
  return half
}

/**
 * Hands values from many producers to one consumer. `put` resolves when its value was taken, so that a producer is at
 * most one page ahead.
 */
class Channel<T> implements AsyncIterable<T> {
  readonly #queue: { value: T; taken: () => void }[] = []
  #wake: () => void = () => {}
  #state: 'open' | 'ended' | { readonly error: unknown } = 'open'

  put(value: T): Promise<void> {
    if (this.#state !== 'open') return Promise.resolve()
    return new Promise((taken) => {
      this.#queue.push({ value, taken })
      this.#wake()
    })
  }

  end(): void {
    if (this.#state === 'open') this.#state = 'ended'
    this.#wake()
  }

  fail(error: unknown): void {
    if (this.#state === 'open') this.#state = { error }
    this.#wake()
  }

  /** Lets every producer go on; what they still bring is dropped. */
  close(): void {
    this.#state = 'ended'
    for (const { taken } of this.#queue.splice(0)) taken()
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const next = this.#queue.shift()
      if (next) {
        // The consumer has noted the value when it asks for another one.
        yield next.value
        next.taken()
      } else if (this.#state === 'ended') return
      else if (this.#state !== 'open') throw this.#state.error
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }
}
