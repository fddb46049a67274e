import { html, nothing, type TemplateResult } from 'lit'
import type { ImportResult } from '../../src/api.ts'
import { safe } from '../text.ts'
import type { Importer, Upload } from './importer.ts'
import { type PageWords, TYPES } from './words.ts'

type FileResult = ImportResult['files'][number]

const FORMATS = ['YYYY-MM-DD', 'D/M/YYYY', 'M/D/YYYY', 'D.M.YYYY', 'YYYY/M/D']
/** Refused rows listed; the count says how many there are. */
const LISTED = 20

/** What the import section needs from the page. */
export interface ImportView {
  readonly words: PageWords
  readonly locale: string
  readonly importer: Importer
  readonly isOver: boolean
  readonly add: (files: FileList | null) => void
  readonly retry: (index: number) => void
}

/** Drop zone, templates, and what became of each file. */
export function importSection(view: ImportView): TemplateResult {
  const { words, importer } = view
  const choose = (event: Event) => {
    const input = event.target as HTMLInputElement
    view.add(input.files)
    // The same file, corrected, must be a change again.
    input.value = ''
  }
  const pick = (event: Event) => (event.target as Element).parentElement?.querySelector('input')?.click()
  return html`<section class="sheet" id="import" aria-labelledby="import-h">
    <h2 id="import-h">${words.importLabel}</h2>
    <p class="find">${words.importFinding}</p>
    <div class="drop ${view.isOver ? 'over' : ''}">
      <button class="btn pri" @click=${pick}>${words.choose}</button>
      <input type="file" multiple accept=".csv,.tsv,.txt,.xlsx,text/csv" hidden aria-label=${words.choose} @change=${choose} />
      <span>${words.drop}</span>
    </div>
    <p class="links">
      <span class="m">${words.templates}</span>
      ${TYPES.map((type) => html`<a href="./api/v1/templates/${type}?locale=${view.locale}" download="${type}.csv">${words.types[type]}</a>`)}
    </p>
    <div role="status">
      ${
        importer.uploads.length === 0
          ? nothing
          : html`<ol class="files">${importer.uploads.map((upload, index) => html`<li class="file">${uploadLine(view, upload, index)}</li>`)}</ol>`
      }
    </div>
  </section>`
}

function uploadLine(view: ImportView, upload: Upload, index: number): TemplateResult {
  const { words } = view
  const { outcome } = upload
  const name = html`<p><bdi class="name">${safe(upload.file.name)}</bdi></p>`
  if (outcome.state === 'failed') return html`${name}${failure(view, upload, index)}`
  if (outcome.state === 'done') return html`${name}${outcome.files.map((file) => fileResult(words, file))}`
  return html`${name}<p class="m s">${words[outcome.state]}…</p>`
}

function fileResult(words: PageWords, file: FileResult): TemplateResult {
  const kind = words.types[file.type as keyof PageWords['types']] ?? safe(file.type)
  const listed = file.rejected.slice(0, LISTED)
  const rest = file.rejected_count - listed.length
  return html`<p class="m s">${kind} · ${words.result(file.rows, file.imported, file.unchanged, file.rejected_count)}</p>
    ${file.findings.map(({ message }) => html`<p class="m s">${safe(message, 300)}</p>`)}
    ${
      listed.length === 0
        ? nothing
        : html`<p class="neg s">${words.refused(file.rejected_count)}</p>
          <div class="scroll" tabindex="0" role="region" aria-label=${words.problem}><table>
            <thead><tr><th scope="col">${words.line}</th><th scope="col">${words.column}</th><th scope="col">${words.problem}</th></tr></thead>
            <tbody>
              ${listed.map((row) => html`<tr><td>${row.line}</td><td>${safe(row.column)}</td><td>${safe(row.message, 300)}</td></tr>`)}
              ${rest > 0 ? html`<tr><td></td><td colspan="2">${words.more(rest)}</td></tr>` : nothing}
            </tbody>
          </table></div>`
    }`
}

/** What went wrong, what helps, and the two things a person may know better than we do. */
function failure(view: ImportView, upload: Upload, index: number): TemplateResult {
  const { words, importer } = view
  const { outcome, reading } = upload
  if (outcome.state !== 'failed') return html``
  const { problem, status } = outcome
  const message = problem.message ? safe(problem.message, 400) : status === 0 ? words.network : words.http(status)
  const value = (event: Event) => (event.target as HTMLSelectElement).value
  return html`<p class="neg">${message}</p>
    ${problem.remedy ? html`<p class="m s">${safe(problem.remedy, 400)}</p>` : nothing}
    ${problem.request_id ? html`<p class="m s">${words.requestId} <code>${safe(problem.request_id)}</code></p>` : nothing}
    <div class="fix">
      <label>${words.type}
        <select @change=${(event: Event) => importer.read(index, { type: value(event) })}>
          <option value="">${words.guess}</option>
          ${TYPES.map((type) => html`<option value=${type} ?selected=${reading.type === type}>${words.types[type]}</option>`)}
        </select>
      </label>
      <label>${words.dateFormat}
        <select @change=${(event: Event) => importer.read(index, { dateFormat: value(event) })}>
          <option value="">${words.guess}</option>
          ${FORMATS.map((format) => html`<option value=${format} ?selected=${reading.dateFormat === format}>${format}</option>`)}
        </select>
      </label>
      <button class="btn" @click=${() => view.retry(index)}>${words.retry}</button>
    </div>`
}
