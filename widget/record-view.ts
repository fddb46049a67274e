import type { CSSResult, TemplateResult } from 'lit'
import type { RecordView } from '../src/api.ts'
import { errorState, skeleton, staleBand } from './blocks/states.ts'
import { get, RequestError, type Source } from './client.ts'
import { emit } from './events.ts'
import { Format } from './format.ts'
import type { Watched } from './live.ts'
import type { Words } from './locales/words.ts'
import { recordBody, unknownRecord } from './record-blocks.ts'
import { record as styles } from './styles/record.ts'

/** What the view of a record needs of the element it stands in. */
export interface RecordHost extends Source, Watched {
  readonly workspace: string
  readonly objectType: string
  readonly objectId: string
  readonly locale: string
  model: string
}

/** Names of kinds of record, ours and those of hosts. */
const TYPES: Readonly<Record<string, RecordView['record']['type']>> = {
  deal: 'deal',
  deals: 'deal',
  '0-3': 'deal',
  contact: 'contact',
  contacts: 'contact',
  '0-1': 'contact',
  account: 'account',
  company: 'account',
  companies: 'account',
  '0-2': 'account',
  campaign: 'campaign',
  campaigns: 'campaign',
}
/** Entries of the journey shown at first, and more at a click. */
const PAGE = 20

/** The view of records for one element, with its styles in place. */
export function recordPart(adopt: (styles: CSSResult) => void, changed: () => void): RecordPart {
  adopt(styles)
  return new RecordPart(changed)
}

/** The view of one record: asks for it, keeps the last answer while the next one comes or the service is down. */
class RecordPart {
  readonly #changed: () => void
  #host: RecordHost | null = null
  #view: RecordView | null = null
  #error: RequestError | null = null
  #run: AbortController | null = null
  /** What the view answers, without the model: another model is still the same record. */
  #subject = ''
  #token = ''
  #model = ''
  /** When the view was asked for. */
  #at = ''
  #locale = ''
  #shown = PAGE
  #asTable = false

  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** Asks the service, unless only the token was renewed. False where the host stands on no kind of record we know. */
  async load(host: RecordHost): Promise<boolean> {
    const type = Object.hasOwn(TYPES, host.objectType) ? TYPES[host.objectType] : undefined
    this.#host = type ? host : null
    if (!type) return false
    const { token, model, workspace, endpoint, objectId: id } = host
    const locale = this.#language(host)
    const subject = JSON.stringify([endpoint, workspace, type, id])
    const renewed = token !== this.#token
    this.#token = token
    if (
      renewed &&
      this.#view &&
      !this.#error &&
      subject === this.#subject &&
      model === this.#model &&
      locale === this.#locale
    )
      return true
    if (subject !== this.#subject) {
      this.#view = null
      this.#shown = PAGE
    }
    this.#subject = subject
    this.#model = model
    this.#locale = locale
    this.#run?.abort()
    const run = new AbortController()
    this.#run = run
    this.#changed()
    const at = new Date().toISOString()
    try {
      const query = { workspace: workspace || null, type, id, model: model || null, locale }
      const view = await get<RecordView>(host, 'record', query, run.signal)
      if (view?.version !== 1 || !Array.isArray(view.credit)) throw new RequestError(0, 'bad_response')
      this.#view = view
      this.#error = null
      this.#at = at
    } catch (error) {
      if (run.signal.aborted) return true
      this.#error = error instanceof RequestError ? error : new RequestError(0, 'network')
      if (!this.#error.isOutage) this.#view = null
    }
    this.#run = null
    this.#changed()
    this.#tell(host)
    if (this.#view) void follow(host, this.#error ? '' : this.#at)
    return true
  }

  /** Null where the host stands on no record: then it shows the workspace. */
  render(words: Words): TemplateResult | null {
    const host = this.#host
    if (!host?.objectId) return null
    const view = this.#view
    const error = this.#error
    const retry = () => void this.load(host)
    if (!view) {
      if (!error || this.#run) return skeleton(words)
      return error.code === 'unknown_record' ? unknownRecord(words, error, retry) : errorState(words, error, retry)
    }
    const digits = new Intl.NumberFormat('en', { style: 'currency', currency: view.currency }).resolvedOptions()
      .maximumFractionDigits!
    const format = new Format(words.tag, view.currency, digits, view.zone)
    return recordBody({
      view,
      words,
      format,
      busy: this.#run !== null,
      asTable: this.#asTable,
      shown: this.#shown,
      stale: error && view.as_of ? staleBand(words, format.time(view.as_of), error, retry) : null,
      selectModel: (model) => this.#select(host, model),
      toggleTable: () => this.#set(() => (this.#asTable = !this.#asTable)),
      showMore: () => this.#set(() => (this.#shown += PAGE)),
    })
  }

  #set(change: () => void): void {
    change()
    this.#changed()
  }

  #select(host: RecordHost, model: string): void {
    host.model = model
    emit(host, 'roi-model-change', { model: model as RecordView['model'] })
    void this.load(host)
  }

  /** As the host speaks: its attribute, else the page. */
  #language(host: RecordHost): Words['tag'] {
    const page = host instanceof Element ? host.closest('[lang]')?.getAttribute('lang') : null
    return /^zh\b/i.test(host.locale || page || navigator.language) ? 'zh-CN' : 'en'
  }

  #tell(host: RecordHost): void {
    const view = this.#view
    if (this.#error) {
      const { code, status, requestId } = this.#error
      emit(host, 'roi-error', { code, status, requestId })
    }
    if (!view) return
    const { workspace, model, currency } = view
    emit(host, 'roi-ready', { workspace: workspace.key, model, currency, basis: 'close', stale: this.#error !== null })
  }
}

/** Keeps the record up to date from now on; see live.ts. */
async function follow(host: RecordHost, shownAt: string): Promise<void> {
  try {
    const { watch } = await import('./live.ts')
    watch(host, shownAt)
  } catch {
    // Fetched again after the next load.
  }
}

export type { RecordPart }
