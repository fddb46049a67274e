import { Proof } from '../api/dictionary.ts'
import type { Database } from '../db/database.ts'
import { RoiError } from '../errors.ts'
import type { Input, Line } from '../metrics/explain/figure.ts'
import { type ExplainContext, type ExplainQuery, explained, labelOf } from '../metrics/explain.ts'
import { digitsOf } from '../model/money.ts'
import { WHOLE } from '../model/rule-models.ts'
import type { Workspace } from '../model/settings.ts'
import { type ManifestContext, manifestOf } from './manifest.ts'

/** Rows read at a time, and the most of one input that a proof holds. */
const BATCH = 5000
const MAX_ROWS = 100_000

/**
 * A number with every row behind it and what it was made from (F142): `verify-proof.mjs` beside this file computes it again from the
 * rows alone.
 * @throws RoiError of {@link explained}; `proof_too_large`
 */
export function proof(
  database: Database,
  workspace: Workspace,
  query: ExplainQuery,
  context: ExplainContext & ManifestContext,
): Promise<Proof> {
  const { currency } = workspace.settings
  return explained(database, workspace, query, context, async ({ entry, figure, head }, reader) => {
    const inputs: Proof['inputs'] = []
    for (const input of figure.inputs) {
      const { name, unit, fold } = input
      const rows = (await allRows(input)).map(({ part, cells, exact }) => ({
        part: String(part.num),
        per: String(part.den),
        ...(exact && { exact: Object.fromEntries(Object.entries(exact).map(([key, value]) => [key, String(value)])) }),
        cells,
      }))
      inputs.push({ name, label: labelOf(entry, input, query.locale), unit, ...(fold && { fold }), rows })
    }
    const { value, configuration, reason, metric, id, label, formula, unit, query: asked } = head
    const result = { ...head, inputs }
    const { manifest } = await manifestOf(reader, workspace, context, result)
    return Proof.parse({
      proof: 1,
      ...{ metric, id, label, formula, unit, currency, reason, configuration, inputs, manifest },
      expression: figure.expression ?? entry.expression,
      digits: digitsOf(currency),
      whole: String(WHOLE),
      expected: value,
      query: asked,
    })
  })
}

async function allRows(input: Input): Promise<Line[]> {
  const all: Line[] = []
  for (;;) {
    const { rows, count } = await input.read({ offset: all.length, limit: BATCH })
    if (count > MAX_ROWS) throw tooLarge(count)
    all.push(...rows)
    if (rows.length < BATCH) return all
  }
}

function tooLarge(count: number): RoiError {
  return new RoiError(
    'usage',
    'proof_too_large',
    {
      en: `The number has ${count} rows behind it; a proof holds ${MAX_ROWS}.`,
      'zh-CN': `该数字有 ${count} 行明细，证明文件最多 ${MAX_ROWS} 行。`,
    },
    { en: 'Ask for one row or a shorter period.', 'zh-CN': '请只查询一行或缩短期间。' },
  )
}
