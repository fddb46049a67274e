import { html, nothing, render, type TemplateResult } from 'lit'
import type {
  ConnectionSettings,
  ConnectionStatus,
  ConnectorInfo,
  ConnectResult,
  DisconnectResult,
  OAuthInfo,
  SessionInfo,
  Workspaces,
} from '../../../src/api.ts'
import { languageOf } from '../../languages.ts'
import { safe } from '../../text.ts'
import { type Answer, ask } from '../sign-in/ask.ts'
import { dress, LANGUAGES, remember } from '../sign-in/choice.ts'
import { connectItem, type Grant } from './connect-view.ts'
import { progressLine } from './progress-view.ts'
import { type Edit, settingsForm } from './settings-view.ts'
import { CONSOLE_WORDS } from './words.ts'

/** The console: what is connected, how it is, and what else can be. */

/** How often it is looked how far a run is, milliseconds. */
const LOOK_MS = 3000

const root = document.querySelector<HTMLElement>('#page')!
const address = new URLSearchParams(location.search)
let locale = dress()
let workspace = address.get('workspace') ?? ''
let session: SessionInfo | undefined
let workspaces: Workspaces['workspaces'] = []
let connections: readonly ConnectionStatus[] = []
let connectors: readonly ConnectorInfo[] = []
let oauth: readonly OAuthInfo[] = []
let busy = false
let message = address.has('connected') ? CONSOLE_WORDS[locale].connected : ''
let failure: Exclude<Answer<unknown>, { ok: true }> | undefined
/** The connection that is about to be disconnected, and whether that was refused and can be forced. */
let leaving: { readonly id: string; readonly refused: 'keep' | 'erase' | null } | undefined
/** The connection whose settings are shown. */
let editing: ConnectionSettings | undefined
let timer: number | undefined

draw()
void start()

async function start(): Promise<void> {
  const told = await ask<SessionInfo>('session')
  if (told.ok) session = told.body
  if (session?.required && !session.user) {
    location.replace(`../sign-in/?next=${encodeURIComponent(location.pathname + location.search)}`)
    return
  }
  const known = await ask<Workspaces>('workspaces')
  if (known.ok) workspaces = known.body.workspaces
  if (!workspaces.some(({ key }) => key === workspace)) workspace = workspaces[0]?.key ?? ''
  if (address.has('connected')) history.replaceState(null, '', `?workspace=${encodeURIComponent(workspace)}`)
  await load()
}

async function load(): Promise<void> {
  if (session && !session.rights.includes('manage')) return draw()
  const [all, possible, granted] = await Promise.all([
    ask<ConnectionStatus[]>(`connections?${query()}`),
    ask<ConnectorInfo[]>(`connectors?${query()}`),
    ask<OAuthInfo[]>('oauth'),
  ])
  if (all.ok) connections = all.body
  else failure = all
  if (possible.ok) connectors = possible.body
  if (granted.ok) oauth = granted.body
  draw()
  watch()
}

/** Looks again while something runs. */
function watch(): void {
  clearTimeout(timer)
  if (!connections.some(({ running }) => running)) return
  timer = window.setTimeout(async () => {
    const all = await ask<ConnectionStatus[]>(`connections?${query()}`)
    if (all.ok) connections = all.body
    draw()
    watch()
  }, LOOK_MS)
}

function query(): string {
  return String(new URLSearchParams({ ...(workspace && { workspace }), locale }))
}

/** Does something that may be refused. @returns the answer; undefined when it was refused */
async function act<T>(path: string, method: string, json?: unknown): Promise<T | undefined> {
  busy = true
  message = ''
  failure = undefined
  draw()
  const answer = await ask<T>(path, method, json)
  busy = false
  if (answer.ok) return answer.body
  failure = answer
  return undefined
}

async function synchronize(id: string): Promise<void> {
  await act<ConnectionStatus>(`connections/${encodeURIComponent(id)}/sync?${query()}`, 'POST', {})
  await load()
}

async function disconnect({ id, title }: ConnectionStatus, what: 'keep' | 'erase', force: boolean): Promise<void> {
  const asked = `${query()}&erase=${what === 'erase'}&force=${force}`
  const done = await act<DisconnectResult>(`connections/${encodeURIComponent(id)}?${asked}`, 'DELETE')
  leaving = done ? undefined : { id, refused: failure?.problem.code === 'uninstall_failed' ? what : null }
  if (done) message = CONSOLE_WORDS[locale].gone(safe(title), done.removed)
  await load()
}

async function connect(connector: string, settings: Record<string, unknown>): Promise<void> {
  const made = await act<ConnectResult>(`connections?${query()}`, 'POST', { connector, settings })
  if (made) {
    message = CONSOLE_WORDS[locale].connected
    await ask(`connections/${encodeURIComponent(made.connection.id)}/sync?${query()}`, 'POST', {})
  }
  await load()
}

async function showSettings(id: string): Promise<void> {
  leaving = undefined
  editing = await act<ConnectionSettings>(`connections/${encodeURIComponent(id)}/settings?${query()}`, 'GET')
  draw()
}

async function save(id: string, edit: Edit): Promise<void> {
  const words = CONSOLE_WORDS[locale]
  const saved = await act<ConnectionSettings>(`connections/${encodeURIComponent(id)}?${query()}`, 'PATCH', edit)
  if (saved) {
    message = saved.changed.length > 0 ? words.saved(safe(saved.title)) : words.unchanged
    // What is missing for it can be mended right there.
    editing = saved.notices.length > 0 ? saved : undefined
  }
  await load()
}

/** A link and no form: the way leads to another site, which the policy forbids forms. */
function grant(connector: string, { conditional, purposes }: Grant, again?: string): void {
  const asked = new URLSearchParams(workspace ? { workspace } : {})
  for (const scope of conditional) asked.append('conditional', scope)
  for (const purpose of purposes) asked.append('with', purpose)
  if (again) asked.set('again', again)
  location.assign(`../oauth/${encodeURIComponent(connector)}/start?${asked}`)
}

async function signOut(): Promise<void> {
  await ask('session', 'DELETE')
  location.replace('../sign-in/')
}

function draw(): void {
  const words = CONSOLE_WORDS[locale]
  document.documentElement.lang = locale
  document.title = `${words.title} · ROI`
  render(page(), root)
}

function page(): TemplateResult {
  const words = CONSOLE_WORDS[locale]
  return html`
    <header class="top">
      <h1>${words.title}</h1>
      ${
        workspaces.length < 2
          ? nothing
          : picker(
              words.workspace,
              workspace,
              workspaces.map(({ key, title }) => [key, safe(title)]),
              (value) => {
                workspace = value
                editing = undefined
                void load()
              },
            )
      }
      <span class="gap"></span>
      <span class="links"><a href="../">${words.panel}</a></span>
      ${session?.user ? html`<button class="btn" @click=${() => void signOut()}>${words.signOut}</button>` : nothing}
      ${picker(words.language, locale, Object.entries(LANGUAGES), (value) => {
        locale = languageOf(value)
        remember(locale)
        void load().then(() => editing && showSettings(editing.id))
      })}
    </header>
    <main>
      <div role="status">${message ? html`<p class="notice">${message}</p>` : busy ? html`<p class="notice">${words.working}</p>` : nothing}</div>
      <div role="alert">${failure ? problem(failure) : nothing}</div>
      ${session && !session.rights.includes('manage') ? html`<section class="sheet"><p class="find">${words.notAllowed}</p></section>` : sections()}
    </main>`
}

function sections(): TemplateResult {
  const words = CONSOLE_WORDS[locale]
  const wrong = connections.filter(({ state, write_back }) => {
    return state === 'reconnect' || state === 'failed' || write_back?.state === 'failed'
  }).length
  const view = {
    words,
    busy,
    grant,
    connect: (id: string, settings: Record<string, unknown>) => void connect(id, settings),
  }
  return html`<section class="sheet" aria-labelledby="connections-h">
      <h2 id="connections-h">${words.title}</h2>
      <p class="find">${connections.length === 0 ? words.none : words.some(connections.length, wrong)}</p>
      <ul>${connections.map((connection) => item(connection))}</ul>
    </section>
    <section class="sheet" aria-labelledby="add-h">
      <h2 id="add-h">${words.add}</h2>
      <p class="find">${words.addText}</p>
      <ul>${connectors.map((info) => connectItem(view, info, oauthOf(info.id)))}</ul>
    </section>`
}

function item(connection: ConnectionStatus): TemplateResult {
  const words = CONSOLE_WORDS[locale]
  const { id, connector, title, state, running, rows, complete_at, next_at, last, write_back } = connection
  const count = Object.values(rows).reduce((sum, n) => sum + n, 0)
  const bad = state === 'reconnect' || state === 'failed'
  const when = (text: string) => new Date(text).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' })
  return html`<li class="item">
    <h3><bdi>${safe(title)}</bdi></h3>
    <p class=${bad ? 'neg' : 'm'}>${words.states[running ? 'running' : state]} · ${words.rows(count)}</p>
    ${running ? html`<p class="m s">${progressLine(words, connection, connectors.find((one) => one.id === connector)?.streams ?? [])}</p>` : nothing}
    ${last?.reason && !running ? html`<p class="m s">${safe(last.reason.message, 300)} ${safe(last.reason.remedy ?? '', 300)}</p>` : nothing}
    <p class="m s">
      ${complete_at ? html`${words.last} ${when(complete_at)}` : nothing}
      ${next_at && !running ? html`${complete_at ? ' · ' : nothing}${words.next} ${when(next_at)}` : nothing}
    </p>
    ${write_back ? written(write_back) : nothing}
    ${leaving?.id === id ? leave(connection) : editing?.id === id ? edit(editing) : nothing}
    ${
      leaving?.id === id || editing?.id === id
        ? nothing
        : html`<div class="row">
          ${state === 'reconnect' && oauthOf(connector) ? html`<button class="btn pri" ?disabled=${busy} @click=${() => grant(connector, { conditional: [], purposes: [] }, id)}>${words.reconnect}</button>` : nothing}
          <button class="btn" ?disabled=${busy || running} @click=${() => void synchronize(id)}>${words.sync}</button>
          <button class="btn" ?disabled=${busy} @click=${() => void showSettings(id)}>${words.settings}</button>
          <button class="btn" ?disabled=${busy} @click=${() => askToLeave({ id, refused: null })}>${words.disconnect}</button>
        </div>`
    }
  </li>`
}

/** How the last write to the CRM ended. */
function written({ state, finished_at, written, refused, reason }: NonNullable<ConnectionStatus['write_back']>) {
  const words = CONSOLE_WORDS[locale]
  const when = finished_at
    ? new Date(finished_at).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' })
    : ''
  const bad = state === 'failed' || refused > 0
  return html`<p class="s ${bad ? 'neg' : 'm'}">${words.writeBack[state](when, written, refused)}
    ${reason ? html`${safe(reason.message, 400)} ${safe(reason.remedy ?? '', 400)}` : nothing}</p>`
}

function edit(found: ConnectionSettings): TemplateResult {
  const view = {
    words: CONSOLE_WORDS[locale],
    busy,
    grant,
    save: (change: Edit) => void save(found.id, change),
    cancel() {
      editing = undefined
      failure = undefined
      draw()
    },
  }
  return settingsForm(view, found, oauthOf(found.connector))
}

/** Asks before anything is taken away; once more where the source could not be asked. */
function leave(connection: ConnectionStatus): TemplateResult {
  const words = CONSOLE_WORDS[locale]
  const refused = leaving?.refused
  const go =
    (what: 'keep' | 'erase', force = false) =>
    () =>
      void disconnect(connection, what, force)
  return html`<div role="group" aria-label=${words.disconnect}>
    <p class="warn">${words.sure(safe(connection.title))}</p>
    <div class="row">
      ${
        refused
          ? html`<button class="btn" ?disabled=${busy} @click=${go(refused, true)}>${words.force}</button>`
          : html`<button class="btn" ?disabled=${busy} @click=${go('keep')}>${words.keep}</button>
            <button class="btn" ?disabled=${busy} @click=${go('erase')}>${words.erase}</button>`
      }
      <button class="btn" @click=${() => askToLeave(undefined)}>${words.cancel}</button>
    </div>
  </div>`
}

function askToLeave(next: typeof leaving): void {
  leaving = next
  editing = undefined
  failure = undefined
  draw()
}

function problem({
  status,
  problem: { message: said, remedy, request_id },
}: NonNullable<typeof failure>): TemplateResult {
  const words = CONSOLE_WORDS[locale]
  return html`<p class="notice neg">${said ? safe(said, 300) : status === 0 ? words.network : words.http(status)}
    ${remedy ? safe(remedy, 400) : nothing}
    ${request_id ? html`<span class="s">${words.requestId} <code>${safe(request_id)}</code></span>` : nothing}</p>`
}

function oauthOf(id: string): OAuthInfo | undefined {
  return oauth.find(({ connector }) => connector === id)
}

function picker(
  label: string,
  now: string,
  options: Iterable<readonly [string, string]>,
  pick: (value: string) => void,
): TemplateResult {
  return html`<label><span class="vh">${label}</span>
    <select @change=${(event: Event) => pick((event.target as HTMLSelectElement).value)}>
      ${[...options].map(([value, text]) => html`<option value=${value} ?selected=${value === now}>${text}</option>`)}
    </select>
  </label>`
}
