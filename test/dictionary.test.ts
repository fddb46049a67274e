import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { Dictionary } from '../src/api/dictionary.ts'
import { COMMANDS as CLI_COMMANDS } from '../src/cli/commands.ts'
import { library } from '../src/metrics/benchmarks.ts'
import { dictionaryOf } from '../src/metrics/dictionary/answer.ts'
import { DOCUMENTS, dictionaryDocument } from '../src/metrics/dictionary/document.ts'
import { DICTIONARY, ENTRY_NAMES, namesOf } from '../src/metrics/dictionary/entries.ts'
import { BENCHMARKED_METRICS } from '../src/model/benchmarks.ts'
import type { Settings } from '../src/model/settings.ts'
import { ROUTES } from '../src/server/auth-rights.ts'
import { testWorkspace } from './support/store.ts'

/** What the release computes of product.md §3. */
const NUMBERS = [...range(1, 27), ...range(31, 33), ...range(37, 40)].map((n) => `M${n}`)

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

describe('the dictionary', () => {
  test('F114: has every number of the release', () => {
    expect([...new Set(ENTRY_NAMES.map((name) => DICTIONARY[name].id))].sort()).toEqual([...NUMBERS].sort())
  })

  test.each(ENTRY_NAMES)('%s says in both languages what it is, from what, and where it is shown', (name) => {
    const entry = DICTIONARY[name]
    for (const text of [entry.label, entry.meaning, entry.formula, entry.dates]) {
      expect(text.en).not.toBe('')
      expect(text['zh-CN']).toMatch(name === 'ltv_to_cac' ? /./ : /\p{Script=Han}|[×÷−{]/u)
    }
    const named = [...entry.expression.matchAll(/\{(\w+)\}/g)].map(([, input]) => input)
    expect(new Set(named)).toEqual(new Set(entry.inputs.map((input) => input.name)))
    expect(CLI_COMMANDS.map((command) => command.name)).toContain(entry.shown.command)
    expect(ROUTES.map(({ method, path }) => `${method} /api/v1${path}`)).toContain(entry.shown.route)
  })

  test('a number stands for all its metrics, an unknown name is refused with what there is', () => {
    expect(namesOf('roi')).toEqual(['roi'])
    expect(namesOf('m16')).toEqual(['ltv', 'ltv_predictive'])
    expect(() => namesOf('roy')).toThrow(expect.objectContaining({ code: 'unknown_metric' }))
  })

  test('the benchmark that applies stands beside its metric, in the convention of the workspace', () => {
    const workspace = testWorkspace(1, { convention: 'net' } as Partial<Settings>)
    const context = { library: library([]), settings: workspace.settings, ownCycle: 30 }
    const answer = Dictionary.parse(dictionaryOf(workspace, context, 7, 'en'))
    expect(answer.config_version).toBe(7)
    const of = (name: string) => answer.metrics.find((metric) => metric.name === name)!
    expect(of('sales_cycle').benchmark).toMatchObject({ low: 30, convention: 'days', from: 'own' })
    expect(of('ltv_to_cac').benchmark).toMatchObject({ low: 3, from: 'threshold' })
    expect(of('roi').benchmark).toMatchObject({ low: 0, convention: 'net' })
    expect(of('roi').convention).toContain('net')
    expect(of('cost').benchmark).toBeNull()
    expect(BENCHMARKED_METRICS.filter((name) => !of(name))).toEqual([])
  })

  test.each(['en', 'zh-CN'] as const)(
    'the document in %s is the one in the tree (npm run dictionary writes it)',
    async (locale) => {
      const kept = await readFile(new URL(`../src/metrics/${DOCUMENTS[locale]}`, import.meta.url), 'utf8')
      expect(kept).toBe(dictionaryDocument(locale))
    },
  )
})
