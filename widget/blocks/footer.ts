import { html, nothing, type TemplateResult } from 'lit'
import { addDays } from '../period.ts'
import { safe } from '../text.ts'
import type { View } from '../view.ts'

/** Which workspace and days the figures are of. Days are shown with the last day included, as people say them. */
export function footer(view: View): TemplateResult {
  const { from, to } = view.panel.period
  const t = view.words.footer
  const days = from || to ? t.span(from, to && addDays(to, -1)) : t.all
  return html`<footer class="foot-bar" part="footer">
    <bdi>${safe(view.panel.workspace.title)}</bdi><span>${days}${from && to ? html` · ${t.compared}` : nothing}</span>
  </footer>`
}
