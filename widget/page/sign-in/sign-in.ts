import { html, nothing, render, type TemplateResult } from 'lit'
import type { SessionInfo } from '../../../src/api.ts'
import { languageOf } from '../../languages.ts'
import { safe } from '../../text.ts'
import { type Answer, ask } from './ask.ts'
import { dress, LANGUAGES, remember } from './choice.ts'
import { nextAddress } from './next.ts'
import { SIGN_IN_WORDS } from './words.ts'

/** Signing in, and making the first user with the link that the server printed. */

const root = document.querySelector<HTMLElement>('#page')!
const setup = /^#setup=([\w-]{43})$/.exec(location.hash)?.[1]
// It is good once, and has no business in the history.
if (setup) history.replaceState(null, '', location.pathname)

let locale = dress()
let busy = false
let failure: Exclude<Answer<unknown>, { ok: true }> | undefined
let info: SessionInfo | undefined

draw()
void start()

async function start(): Promise<void> {
  const answer = await ask<SessionInfo>('session')
  if (answer.ok) {
    info = answer.body
    if (!setup && (info.user || !info.required)) return go()
  } else failure = answer
  draw()
}

function go(): void {
  location.replace(nextAddress(new URLSearchParams(location.search).get('next'), location.origin))
}

async function submit(event: SubmitEvent): Promise<void> {
  event.preventDefault()
  if (busy) return
  const form = new FormData(event.target as HTMLFormElement)
  const credentials = { name: String(form.get('name')), password: String(form.get('password')) }
  busy = true
  failure = undefined
  draw()
  const path = setup ? 'setup' : 'session'
  const answer = await ask<SessionInfo>(`${path}?locale=${locale}`, 'POST', {
    ...credentials,
    ...(setup && { token: setup }),
  })
  busy = false
  if (answer.ok) return go()
  failure = answer
  draw()
  root.querySelector<HTMLInputElement>('#password')?.focus()
}

function draw(): void {
  const words = SIGN_IN_WORDS[locale]
  document.documentElement.lang = locale
  document.title = `${setup ? words.setupTitle : words.title} · ROI`
  render(page(), root)
}

function page(): TemplateResult {
  const words = SIGN_IN_WORDS[locale]
  const waits = info?.setup === true && !setup
  return html`
    <header class="top narrow">
      <span class="gap"></span>
      <label><span class="vh">${words.language}</span>
        <select @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
          ${Object.entries(LANGUAGES).map(([value, text]) => html`<option value=${value} ?selected=${value === locale}>${text}</option>`)}
        </select>
      </label>
    </header>
    <main class="narrow">
      <section class="sheet">
        <h1>${setup ? words.setupTitle : words.title}</h1>
        <p class="m">${setup ? words.setupText : waits ? words.waits : words.text}</p>
        <form class="form" @submit=${(event: SubmitEvent) => void submit(event)}>
          <div class="field"><label for="name">${words.name}</label>
            <input id="name" name="name" type="text" required maxlength="100" autocomplete="username" autocapitalize="none" spellcheck="false" />
          </div>
          <div class="field"><label for="password">${words.password}</label>
            <input id="password" name="password" type="password" required minlength=${setup ? 12 : nothing} maxlength="800"
              autocomplete=${setup ? 'new-password' : 'current-password'} aria-describedby="problem" />
          </div>
          <p id="problem" class="neg" role="alert">${failure ? said(failure) : nothing}</p>
          <button class="btn pri" ?disabled=${busy}>${setup ? words.make : words.signIn}</button>
        </form>
      </section>
    </main>`
}

function said({ status, problem }: NonNullable<typeof failure>): string {
  const words = SIGN_IN_WORDS[locale]
  if (problem.code === 'wrong_sign_in') return words.wrong
  if (!problem.message) return status === 0 ? words.network : words.http(status)
  return safe(`${problem.message} ${problem.remedy ?? ''}`, 400)
}

function choose(value: string): void {
  locale = languageOf(value)
  remember(locale)
  draw()
}
