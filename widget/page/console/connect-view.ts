import { html, nothing, type TemplateResult } from 'lit'
import type { ConnectorInfo, FormField, OAuthInfo } from '../../../src/api.ts'
import { safe } from '../../text.ts'
import type { CONSOLE_WORDS } from './words.ts'

export interface ConnectView {
  readonly words: (typeof CONSOLE_WORDS)['en']
  readonly busy: boolean
  readonly grant: (connector: string, asked: Grant) => void
  readonly connect: (connector: string, settings: Record<string, unknown>) => void
}

/** What a person ticked: scopes, and purposes by name. */
export interface Grant {
  readonly conditional: readonly string[]
  readonly purposes: readonly string[]
}

/** One source that can be connected: by granting access where an app is registered, else by its form. */
export function connectItem(view: ConnectView, info: ConnectorInfo, oauth: OAuthInfo | undefined): TemplateResult {
  const title = safe(info.title)
  return html`<li class="item"><h3>${title}</h3>
    ${
      oauth
        ? html`${grantForm(view, oauth, { button: view.words.grant(title) })}
          <details><summary>${view.words.withToken}</summary>${tokenForm(view, info)}</details>`
        : tokenForm(view, info)
    }</li>`
}

/** Where access is granted. @param had scopes that were granted before, and purposes that are switched on: they are ticked */
export function grantForm(
  { words, busy, grant }: Pick<ConnectView, 'words' | 'busy' | 'grant'>,
  oauth: OAuthInfo,
  { button, had }: { readonly button: string; readonly had?: readonly string[] },
): TemplateResult {
  const ticks = had ?? []
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.target as HTMLFormElement)
    const ticked = (name: string) => form.getAll(name).map(String)
    grant(oauth.connector, { conditional: ticked('conditional'), purposes: ticked('with') })
  }
  return html`<form class="form" @submit=${submit}>
    ${had ? nothing : html`<p class="m s">${words.scopes([...oauth.required, ...oauth.optional].join(', '))}</p>`}
    ${
      oauth.conditional.length === 0
        ? nothing
        : html`<fieldset><legend class="m s">${words.conditional}</legend>
          ${oauth.conditional.map((scope) => html`<label class="check"><input type="checkbox" name="conditional" value=${scope} ?checked=${ticks.includes(scope)} />${scope}</label>`)}
        </fieldset>`
    }
    ${
      oauth.on_demand.length === 0
        ? nothing
        : html`<fieldset><legend class="m s">${words.onDemand}</legend>
          ${oauth.on_demand.map((one) => purposeOf(words, oauth, one, ticks))}
        </fieldset>`
    }
    <div class="row"><button class="btn pri" ?disabled=${busy}>${button}</button></div>
  </form>`
}

/** A purpose with the scopes it alone asks for. */
function purposeOf(
  words: ConnectView['words'],
  { conditional }: OAuthInfo,
  { purpose, ...scopes }: OAuthInfo['on_demand'][number],
  ticks: readonly string[],
): TemplateResult {
  const own = [...scopes.optional, ...scopes.conditional].filter((scope) => !conditional.includes(scope))
  const ticked = ticks.includes(purpose) || own.some((scope) => ticks.includes(scope))
  return html`<label class="check long"><input type="checkbox" name="with" value=${purpose} ?checked=${ticked} />
    <span>${words.purposes[purpose]} <span class="m s">${own.join(', ')}</span></span></label>`
}

function tokenForm({ words, busy, connect }: ConnectView, info: ConnectorInfo): TemplateResult {
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    connect(info.id, valuesOf(event.target as HTMLFormElement, info.fields))
  }
  return html`<form class="form" autocomplete="off" @submit=${submit}>
    ${info.fields.map((field) => fieldOf(info.id, field, { value: field.default, placeholder: field.example }))}
    <div class="row"><button class="btn" ?disabled=${busy}>${words.connect}</button></div>
  </form>`
}

/** What a form holds, by key, as the server takes it. */
export function valuesOf(form: HTMLFormElement, fields: readonly FormField[]): Record<string, unknown> {
  const data = new FormData(form)
  const value = ({ key, kind }: FormField) => (kind === 'boolean' ? data.has(key) : String(data.get(key) ?? ''))
  return Object.fromEntries(fields.map((field) => [field.key, value(field)]))
}

/** One field. @param group keeps its id apart from those of other forms @param shown what stands in it */
export function fieldOf(
  group: string,
  field: FormField,
  shown: { readonly value: unknown; readonly placeholder: string | null },
): TemplateResult {
  const { key, kind, label, help, required, choices } = field
  const id = `${group}-${key}`
  const preset = shown.value === null || shown.value === undefined ? '' : String(shown.value)
  const about = help ? html`<span class="m s" id="${id}-help">${safe(help, 900)}</span>` : nothing
  const described = help ? `${id}-help` : nothing
  if (kind === 'boolean') {
    return html`<div class="field"><label class="check"><input type="checkbox" name=${key} .checked=${shown.value === true} aria-describedby=${described} />${safe(label)}</label>${about}</div>`
  }
  const input =
    kind === 'choice'
      ? html`<select id=${id} name=${key} ?required=${required} aria-describedby=${described}>
          ${choices.map((choice) => html`<option ?selected=${choice === preset}>${safe(choice)}</option>`)}</select>`
      : html`<input id=${id} name=${key} type=${kind === 'secret' ? 'password' : 'text'} ?required=${required} .value=${preset}
          placeholder=${shown.placeholder ? safe(shown.placeholder) : nothing} autocomplete="off" spellcheck="false" aria-describedby=${described} />`
  return html`<div class="field"><label for=${id}>${safe(label)}</label>${input}${about}</div>`
}
