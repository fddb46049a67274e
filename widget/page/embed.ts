import { html, nothing, render, type TemplateResult } from 'lit'
import { type Access, EmbedAccess, type Refused } from '../embed-access.ts'
import { HostMessages } from '../embed-messages.ts'
import { languageOf } from '../languages.ts'
import type { Words } from '../locales/words.ts'
import { tokens } from '../styles/tokens.ts'
import { EMBED_WORDS } from './embed-words.ts'
import { PAGE_WORDS, PERIODS, type PeriodChoice } from './words.ts'

type Stage = 'opening' | 'open' | 'closed' | Refused

const root = document.querySelector<HTMLElement>('#embed')!
/** Days a person chooses by name; own days are for the full page. */
const NAMED = PERIODS.filter((each): each is Exclude<PeriodChoice, 'custom'> => each !== 'custom')

let stage: Stage = 'opening'
let known: Access | null = null
let token = ''
let period: PeriodChoice = 'all'
let host: HostMessages | null = null
let locale: Words['tag'] = languageOf(navigator.language)

const access = new EmbedAccess(
  (next) => {
    token = next
    draw()
  },
  (why) => show(why),
)

document.adoptedStyleSheets = [tokens.styleSheet!]
draw()
new ResizeObserver(() => host?.tellHeight(document.documentElement.scrollHeight)).observe(root)
void open()

/** Takes the one-time token out of the address before anything else can see it there. */
async function open(): Promise<void> {
  const once = new URLSearchParams(location.hash.slice(1)).get('t') ?? ''
  history.replaceState(null, '', location.pathname)
  if (!once) return show('ended')
  known = await access.open(once)
  if (!known) return
  locale = languageOf(known.locale)
  host = new HostMessages(known.frame_origins, (wish) => {
    if (wish === 'measure') host?.tellHeight(document.documentElement.scrollHeight)
    else close()
  })
  show('open')
}

function close(): void {
  access.close()
  token = ''
  show('closed')
}

function show(next: Stage): void {
  stage = next
  draw()
}

function draw(): void {
  const words = EMBED_WORDS[locale]
  document.documentElement.lang = locale
  document.title = words.title
  render(stage === 'open' && known ? panel(known) : said(words[stage === 'open' ? 'opening' : stage]), root)
}

/** Nothing to show but a sentence: what happened and what to do. */
function said([title, text]: readonly [string, string]): TemplateResult {
  const failed = stage === 'ended' || stage === 'unreachable'
  return html`<main class="said" role=${failed ? 'alert' : 'status'}>
    <h1>${title}</h1>
    <p>${text}</p>
    ${failed && host ? html`<button class="btn" @click=${() => host?.tellDone()}>${EMBED_WORDS[locale].close}</button>` : nothing}
  </main>`
}

function panel({ workspace, record }: Access): TemplateResult {
  const words = EMBED_WORDS[locale]
  return html`<main>
    <h1 class="vh">${words.title}</h1>
    ${record ? nothing : html`<div class="bar">${periods()}</div>`}
    <roi-panel
      .token=${token}
      workspace=${workspace}
      object-type=${record?.type ?? nothing}
      object-id=${record?.id ?? nothing}
      period=${period}
      locale=${locale}
      theme="auto"
    ></roi-panel>
  </main>`
}

function periods(): TemplateResult {
  const words = PAGE_WORDS[locale]
  const pick = (event: Event) => {
    period = NAMED.find((each) => each === (event.target as HTMLSelectElement).value) ?? 'all'
    draw()
  }
  return html`<label><span class="vh">${words.period}</span>
    <select @change=${pick}>
      ${NAMED.map((each) => html`<option value=${each} ?selected=${each === period}>${words.periods[each]}</option>`)}
    </select>
  </label>`
}
