import type { CSSResult } from 'lit'
import type { DrawerData } from './drawer-data.ts'
import { loadWords } from './languages.ts'
import type { Words } from './locales/words.ts'
import type { RecordHost, RecordPart } from './record-view.ts'
import type { ChannelList } from './view.ts'

/** What arrives after the core: the language, the list layout, and everything behind a click. */
export class Chunks {
  words: Words | null = null
  list: ChannelList | null = null
  details: typeof import('./details.ts') | null = null
  drawer: DrawerData | null = null
  record: RecordPart | null = null
  readonly #adopt: (styles: CSSResult) => void
  readonly #changed: () => void

  constructor(adopt: (styles: CSSResult) => void, changed: () => void) {
    this.#adopt = adopt
    this.#changed = changed
  }

  /** Loads a language. False when it could not be fetched; the one before it stays. */
  async speak(tag: Words['tag'], isStillWanted: () => boolean): Promise<boolean> {
    try {
      const words = await loadWords(tag)
      if (isStillWanted()) this.words = words
      this.#changed()
      return true
    } catch {
      return false
    }
  }

  /** Loads the layout below 360 px. False when it could not be fetched. */
  async loadList(): Promise<boolean> {
    try {
      const { channelList, listStyles } = await import('./blocks/channel-list.ts')
      if (!this.list) this.#adopt(listStyles)
      this.list = channelList
      this.#changed()
      return true
    } catch {
      return false
    }
  }

  /** Loads the view of a record and what it shows. False where there is no such view, or when it could not be fetched. */
  async loadRecord(host: RecordHost): Promise<boolean> {
    try {
      this.record ??= (await import('./record-view.ts')).recordPart(this.#adopt, this.#changed)
      return await this.record.load(host)
    } catch {
      return false
    }
  }

  /** Loads findings, tables and drawer. Null when they could not be fetched. */
  async loadDetails(): Promise<DrawerData | null> {
    try {
      this.details ??= await import('./details.ts')
    } catch {
      return null
    }
    if (!this.drawer) {
      this.drawer = new this.details.DrawerData(this.#changed)
      this.#adopt(this.details.styles)
      this.#changed()
    }
    return this.drawer
  }
}
