import { html, nothing, svg, type TemplateResult } from 'lit'
import { icon } from '../charts/icons.ts'
import type { RequestError } from '../client.ts'
import type { Words } from '../locales/words.ts'
import { safe } from '../text.ts'

/** Still shapes with the height of what comes; nothing moves when the figures arrive. `words` may still be on its way. */
export function skeleton(words: Words | null): TemplateResult {
  const bars = (height: number, ...at: readonly (readonly [y: number, width: number, height: number])[]) =>
    html`<svg class="ghost" height=${height}>${at.map(([y, width, tall]) => svg`<rect class="fl" y=${y} width=${width} height=${tall} rx="2"/>`)}</svg>`
  const tile = html`<div class="tile">${bars(116, [8, 72, 8], [30, 120, 24], [72, 96, 8], [100, 84, 12])}</div>`
  const lines = [96, 136, 176, 216, 256].map((y) => [y, 320, 8] as const)
  return html`<div role="status">
    <span class="vh">${words?.states.loading}</span>
    <div class="trust">${bars(24, [8, 220, 8])}</div>
    <div class="tiles">${tile}${tile}${tile}${tile}</div>
    <div class="split">
      <div class="block">${bars(156, [4, 64, 8], [22, 240, 12], [64, 320, 8], [120, 240, 8])}</div>
      <div class="block">${bars(384, [4, 40, 8], [22, 260, 12], ...lines)}</div>
    </div>
  </div>`
}

/** Nothing to show: what happened, what to do, and an id support can look up. */
export function errorState(words: Words, error: RequestError, retry: () => void): TemplateResult {
  const t = words.states
  return html`<section class="state" part="error" role="alert">
    <h2 class="find">${icon('warn', 'neg')}${error.isRefusal ? t.refusedTitle : t.errorTitle}</h2>
    <p>${errorText(words, error)}</p>
    ${error.remedy ? html`<p>${safe(error.remedy, 400)}</p>` : nothing}
    ${error.requestId ? html`<p class="s">${t.requestId} <code>${safe(error.requestId)}</code></p>` : nothing}
    <div class="go"><button class="btn" part="button" @click=${retry}>${words.retry}</button></div>
  </section>`
}

/** The last result is shown because the service is down. */
export function staleBand(words: Words, time: string, error: RequestError | null, retry: () => void): TemplateResult {
  const id = error?.requestId
  return html`<div class="band warn" role="status">
    <span>${icon('clock')}${words.states.stale(time)}</span>
    ${id ? html`<span>${words.states.requestId} <code>${safe(id)}</code></span>` : nothing}
    <button class="btn" part="button" @click=${retry}>${words.retry}</button>
  </div>`
}

/** What happened, in the reader's language: the service's own words where it had some. */
export function errorText(words: Words, error: RequestError): string {
  const t = words.states
  if (error.isRefusal) return t.refused
  if (error.message) return safe(error.message, 400)
  const own: Record<string, string> = {
    network: t.network,
    timeout: t.timeout,
    bad_response: t.badResponse,
    bad_endpoint: t.badEndpoint,
  }
  return own[error.code] ?? t.http(error.status)
}
