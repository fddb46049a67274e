import { html, nothing, type TemplateResult } from 'lit'
import { fromScaled, toScaled } from '../decimal.ts'
import { safe } from '../text.ts'
import type { View } from '../view.ts'

const SHOWN = 5
const EXAMPLES = 3

/** What a person should look at in the data, by the money it touches. */
export function findingsBlock(view: View): TemplateResult | typeof nothing {
  const { findings, digits } = view.panel
  if (findings.length === 0) return nothing
  const t = view.words.findings
  const scaled = (money: string | null) => (money === null ? -1n : toScaled(money, digits))
  const ordered = findings.toSorted((a, b) => Number(scaled(b.money) - scaled(a.money))).slice(0, SHOWN)
  const total = ordered.reduce((sum, { money }) => sum + (money === null ? 0n : toScaled(money, digits)), 0n)
  return html`<section class="block rule" part="findings" aria-labelledby="findings-h">
    <div class="bh"><div>
      <h2 id="findings-h">${t.label}</h2>
      <p class="find">${t.finding(ordered.length, total === 0n ? null : view.format.money(fromScaled(total, digits)))}</p>
    </div></div>
    <ol>${ordered.map(
      (finding) => html`<li class="alert">
        <span class="mo b">${finding.money === null ? view.format.count(finding.count) : view.format.money(finding.money)}</span>
        <div>
          <p>${safe(finding.message, 300)}</p>
          ${
            finding.examples.length > 0
              ? html`<p>${t.examples(view.words.list(finding.examples.slice(0, EXAMPLES).map((each) => safe(each, 60))))}</p>`
              : nothing
          }
        </div>
      </li>`,
    )}</ol>
  </section>`
}
