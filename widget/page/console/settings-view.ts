import { html, nothing, type TemplateResult } from 'lit'
import type { ConnectionSettings, OAuthInfo } from '../../../src/api.ts'
import { safe } from '../../text.ts'
import { type ConnectView, fieldOf, grantForm, valuesOf } from './connect-view.ts'

/** What is to be changed, as the server takes it. */
export interface Edit {
  readonly settings: Record<string, unknown>
  readonly title: string
  readonly every_minutes: number | null
}

export interface SettingsView extends Pick<ConnectView, 'words' | 'busy' | 'grant'> {
  readonly save: (edit: Edit) => void
  readonly cancel: () => void
}

/** The settings of a connection that is there: the form it was made with, filled in, and access granted once more. */
export function settingsForm(
  view: SettingsView,
  found: ConnectionSettings,
  oauth: OAuthInfo | undefined,
): TemplateResult {
  const { words, busy, save, cancel } = view
  const { id, fields, settings, secrets, notices } = found
  const mine = found.granted ? oauth : undefined
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    save(editOf(event.target as HTMLFormElement, found))
  }
  return html`<div role="group" aria-label=${words.settings}>
    ${notices.map(({ message, remedy }) => html`<p class="warn">${safe(message, 300)} ${mine ? words.grantBelow : safe(remedy ?? '', 400)}</p>`)}
    <form class="form" autocomplete="off" @submit=${submit}>
      ${fields.map((field) => {
        const kept = secrets.includes(field.key)
        const value = kept || field.kind === 'secret' ? null : settings[field.key]
        return fieldOf(id, field, { value, placeholder: kept ? words.kept : field.example })
      })}
      <div class="field"><label for="${id}--title">${words.name}</label>
        <input id="${id}--title" name="--title" type="text" required maxlength="200" .value=${found.title} autocomplete="off" /></div>
      <div class="field"><label for="${id}--every">${words.every}</label>
        <input id="${id}--every" name="--every" type="number" min="1" max="43200" .value=${String(found.every_minutes ?? '')} aria-describedby="${id}--every-help" />
        <span class="m s" id="${id}--every-help">${words.everyHelp}</span></div>
      <div class="row">
        <button class="btn pri" ?disabled=${busy}>${words.save}</button>
        <button class="btn" type="button" @click=${cancel}>${words.cancel}</button>
      </div>
    </form>
    ${
      mine
        ? html`<h4>${words.access}</h4>
          ${found.scopes ? html`<p class="m s">${words.granted(found.scopes.map((scope) => safe(scope)).join(', '))}</p>` : nothing}
          ${grantForm(view, mine, { button: words.grantAgain, had: ticksOf(found) })}`
        : nothing
    }
  </div>`
}

/** What was granted, and what is switched on. */
function ticksOf({ scopes, settings }: ConnectionSettings): string[] {
  return [...(scopes ?? []), ...(settings.write_back === true ? ['write_back'] : [])]
}

/** A secret that was left empty stays as it is. */
function editOf(form: HTMLFormElement, { fields, secrets }: ConnectionSettings): Edit {
  const settings = valuesOf(form, fields)
  for (const key of secrets) if (settings[key] === '') delete settings[key]
  const data = new FormData(form)
  const every = String(data.get('--every') ?? '')
  return { settings, title: String(data.get('--title')), every_minutes: every === '' ? null : Number(every) }
}
