import type { ImportResult, Problem } from '../../src/api.ts'

/** How a file may have to be read; empty = the server finds out. */
export interface Reading {
  readonly type: string
  readonly dateFormat: string
}

export type Outcome =
  | { readonly state: 'waiting' }
  | { readonly state: 'running' }
  | { readonly state: 'done'; readonly files: ImportResult['files'] }
  | { readonly state: 'failed'; readonly problem: Partial<Problem['error']>; readonly status: number }

/** One file on its way. */
export interface Upload {
  readonly file: File
  readonly reading: Reading
  readonly outcome: Outcome
}

/** Sends files one after the other, so that messages stand in the order the files were given. */
export class Importer {
  uploads: readonly Upload[] = []
  readonly #changed: () => void

  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** True when at least one file brought rows. */
  async add(files: Iterable<File>, workspace: string, locale: string): Promise<boolean> {
    const start = this.uploads.length
    const fresh = [...files].map(
      (file): Upload => ({ file, reading: { type: '', dateFormat: '' }, outcome: { state: 'waiting' } }),
    )
    this.uploads = [...this.uploads, ...fresh]
    this.#changed()
    let brought = false
    for (let index = start; index < start + fresh.length; index++)
      brought = (await this.#send(index, workspace, locale)) || brought
    return brought
  }

  /** Changes how a file is to be read. */
  read(index: number, change: Partial<Reading>): void {
    const upload = this.uploads[index]
    if (upload) this.#replace(index, { ...upload, reading: { ...upload.reading, ...change } })
  }

  /** Sends a file again, as it is now to be read. */
  retry(index: number, workspace: string, locale: string): Promise<boolean> {
    return this.#send(index, workspace, locale)
  }

  async #send(index: number, workspace: string, locale: string): Promise<boolean> {
    const upload = this.uploads[index]
    if (!upload) return false
    this.#replace(index, { ...upload, outcome: { state: 'running' } })
    const outcome = await post(upload, workspace, locale)
    this.#replace(index, { ...upload, outcome })
    return outcome.state === 'done' && outcome.files.some(({ imported }) => imported > 0)
  }

  #replace(index: number, upload: Upload): void {
    this.uploads = this.uploads.with(index, upload)
    this.#changed()
  }
}

async function post({ file, reading }: Upload, workspace: string, locale: string): Promise<Outcome> {
  const query = new URLSearchParams({ workspace, locale, name: file.name })
  if (reading.type) query.set('type', reading.type)
  if (reading.dateFormat) query.set('date_format', reading.dateFormat)
  try {
    const response = await fetch(`./api/v1/imports?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', accept: 'application/json' },
      body: file,
    })
    const body: unknown = await response.json().catch(() => null)
    if (body && 'files' in (body as object)) return { state: 'done', files: (body as ImportResult).files }
    return { state: 'failed', problem: (body as Partial<Problem> | null)?.error ?? {}, status: response.status }
  } catch {
    return { state: 'failed', problem: {}, status: 0 }
  }
}
