import { html, type TemplateResult } from 'lit'
import type { Words } from '../locales/words.ts'

/** Nothing imported yet: what is missing, why, and the one command that changes it. */
export function emptyState(words: Words): TemplateResult {
  const t = words.states
  return html`<section class="state" part="empty">
    <h2 class="find">${t.emptyTitle}</h2>
    <p>${t.emptyText}</p>
    <slot name="empty"><p class="s">${t.emptyHow}</p><code>npm run -s roi-panel -- import ./data</code></slot>
  </section>`
}
