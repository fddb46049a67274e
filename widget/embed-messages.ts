/**
 * What an embedded page and the page around it say to each other. Every message is taken only from the parent window and
 * only when its origin is one of the listed ones, compared as a whole; every message leaves for that one origin, never for
 * `*`. Nothing with data is ever said: heights and wishes.
 *
 * - in `{type: 'roi-panel/measure'}` → out `{type: 'roi-panel/height', height}`
 * - in `{type: 'roi-panel/close'}`: forget the access
 * - out `{type: 'roi-panel/height', height}` whenever the height changes
 * - out `{"action": "DONE"}` as text: what HubSpot's modal closes at
 */

/** A wish of the page around. */
export type Wish = 'measure' | 'close'

const WISHES: Readonly<Record<string, Wish>> = { 'roi-panel/measure': 'measure', 'roi-panel/close': 'close' }
/** Nobody has a page higher than this; a loop of growth ends here. */
const MAX_HEIGHT = 20_000

/** The wish of a message; null for everything that is not exactly one of ours. */
export function wishOf(data: unknown): Wish | null {
  if (typeof data !== 'object' || data === null || Object.getPrototypeOf(data) !== Object.prototype) return null
  const names = Object.keys(data)
  const { type } = data as { type?: unknown }
  if (names.length !== 1 || typeof type !== 'string' || !Object.hasOwn(WISHES, type)) return null
  return WISHES[type] ?? null
}

/** Whether a message comes from the page around, by window and by origin. */
export function isFromHost(
  event: Pick<MessageEvent, 'origin' | 'source'>,
  parent: MessageEventSource | null,
  origins: readonly string[],
): boolean {
  return parent !== null && event.source === parent && event.origin !== 'null' && origins.includes(event.origin)
}

/** The way to the page around. */
export class HostMessages {
  readonly #origins: readonly string[]
  readonly #parent: Window | null
  readonly #origin: string | null
  #height = 0

  constructor(origins: readonly string[], wished: (wish: Wish) => void, page: Window = window) {
    this.#origins = origins
    this.#parent = page.parent === page ? null : page.parent
    this.#origin = this.#parent ? originOf(page, origins) : null
    page.addEventListener('message', (event) => {
      if (!isFromHost(event, this.#parent, this.#origins)) return
      const wish = wishOf(event.data)
      if (wish === 'measure') this.#height = 0
      if (wish) wished(wish)
    })
  }

  /** Tells how high the page is, when that changed. */
  tellHeight(height: number): void {
    const whole = Math.min(Math.ceil(height), MAX_HEIGHT)
    if (whole === this.#height) return
    this.#height = whole
    this.#post({ type: 'roi-panel/height', height: whole })
  }

  /** Asks the host to close its modal. */
  tellDone(): void {
    this.#post(JSON.stringify({ action: 'DONE' }))
  }

  #post(message: unknown): void {
    if (this.#parent && this.#origin) this.#parent.postMessage(message, this.#origin)
  }
}

/** Origin of the page directly around, when it is a listed one: as the browser knows it, else nobody is told anything. */
function originOf(page: Window, origins: readonly string[]): string | null {
  const origin = page.location.ancestorOrigins?.[0]
  if (origin !== undefined) return origins.includes(origin) ? origin : null
  const referrer = page.document.referrer
  const named = URL.canParse(referrer) ? new URL(referrer).origin : null
  return named !== null && origins.includes(named) ? named : null
}
