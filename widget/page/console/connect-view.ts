import { html, nothing, type TemplateResult } from 'lit'
import type { ConnectorInfo, FormField, OAuthInfo } from '../../../src/api.ts'
import { safe } from '../../text.ts'
import type { CONSOLE_WORDS } from './words.ts'

export interface ConnectView {
  readonly words: (typeof CONSOLE_WORDS)['en']
  readonly busy: boolean
  readonly grant: (connector: string, conditional: readonly string[]) => void
  readonly connect: (connector: string, settings: Record<string, unknown>) => void
}

/** One source that can be connected: by granting access where an app is registered, else by its form. */
export function connectItem(view: ConnectView, info: ConnectorInfo, oauth: OAuthInfo | undefined): TemplateResult {
  const title = safe(info.title)
  return html`<li class="item"><h3>${title}</h3>
    ${
      oauth
        ? html`${grantForm(view, title, oauth)}
          <details><summary>${view.words.withToken}</summary>${tokenForm(view, info)}</details>`
        : tokenForm(view, info)
    }</li>`
}

function grantForm({ words, busy, grant }: ConnectView, title: string, oauth: OAuthInfo): TemplateResult {
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.target as HTMLFormElement)
    grant(oauth.connector, form.getAll('conditional').map(String))
  }
  return html`<form class="form" @submit=${submit}>
    <p class="m s">${words.scopes}: ${[...oauth.required, ...oauth.optional].join(', ')}</p>
    ${
      oauth.conditional.length === 0
        ? nothing
        : html`<fieldset><legend class="m s">${words.conditional}</legend>
          ${oauth.conditional.map((scope) => html`<label class="check"><input type="checkbox" name="conditional" value=${scope} />${scope}</label>`)}
        </fieldset>`
    }
    <div class="row"><button class="btn pri" ?disabled=${busy}>${words.grant(title)}</button></div>
  </form>`
}

function tokenForm({ words, busy, connect }: ConnectView, info: ConnectorInfo): TemplateResult {
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.target as HTMLFormElement)
    const value = ({ key, kind }: FormField) => (kind === 'boolean' ? form.has(key) : String(form.get(key) ?? ''))
    connect(info.id, Object.fromEntries(info.fields.map((field) => [field.key, value(field)])))
  }
  return html`<form class="form" autocomplete="off" @submit=${submit}>
    ${info.fields.map((field) => fieldOf(info.id, field))}
    <div class="row"><button class="btn" ?disabled=${busy}>${words.connect}</button></div>
  </form>`
}

function fieldOf(connector: string, field: FormField): TemplateResult {
  const { key, kind, label, help, required, choices, example } = field
  const id = `${connector}-${key}`
  const preset = field.default === null ? '' : String(field.default)
  const about = help ? html`<span class="m s" id="${id}-help">${safe(help, 600)}</span>` : nothing
  const described = help ? `${id}-help` : nothing
  if (kind === 'boolean') {
    return html`<div class="field"><label class="check"><input type="checkbox" name=${key} ?checked=${field.default === true} aria-describedby=${described} />${safe(label)}</label>${about}</div>`
  }
  const input =
    kind === 'choice'
      ? html`<select id=${id} name=${key} ?required=${required} aria-describedby=${described}>
          ${choices.map((choice) => html`<option ?selected=${choice === preset}>${safe(choice)}</option>`)}</select>`
      : html`<input id=${id} name=${key} type=${kind === 'secret' ? 'password' : 'text'} ?required=${required} .value=${preset}
          placeholder=${example ? safe(example) : nothing} autocomplete="off" spellcheck="false" aria-describedby=${described} />`
  return html`<div class="field"><label for=${id}>${safe(label)}</label>${input}${about}</div>`
}
