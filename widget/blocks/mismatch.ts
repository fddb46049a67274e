import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../charts/icons.ts'
import { difference } from '../decimal.ts'
import type { View } from '../view.ts'

/** Attributed and unattributed do not add up to the CRM: an error, said before any figure. */
export function mismatchBand(view: View): TemplateResult | typeof nothing {
  const { attributed, unattributed, crm, ok } = view.panel.reconciliation
  if (ok) return nothing
  const t = view.words.trust
  const { exact } = view.format
  const money = (value: string) => exact.call(view.format, value)
  const distance = difference(attributed, unattributed, crm, view.panel.digits).replace('-', '')
  return html`<div class="band bad" role="alert">
    <p>
      <span class="neg">${icon('warn')}${t.mismatchTitle(money(distance))}</span><br />
      ${t.mismatchText(money(attributed), money(unattributed), money(crm))}
    </p>
  </div>`
}
