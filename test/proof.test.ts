import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Proof } from '../src/api/dictionary.ts'
import { ENTRY_NAMES } from '../src/metrics/dictionary/entries.ts'
import { proof } from '../src/reports/proof.ts'
import { ENGINES } from './support/databases.ts'
import { explainShop, JUNE, NOW, RECORDS } from './support/explain-shop.ts'

const run = promisify(execFile)
const SCRIPT = fileURLToPath(new URL('../src/reports/verify-proof.mjs', import.meta.url))
const QUERY = { by: 'channel', key: null, model: 'time_decay', locale: 'en', offset: 0, limit: 1 } as const

/** Runs the script on proofs, all in one process. */
async function verify(proofs: readonly object[]): Promise<{ readonly code: number; readonly said: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'roi-panel-proof-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const files = proofs.map((_, i) => join(folder, `${i}.json`))
  for (const [i, file] of files.entries()) await writeFile(file, JSON.stringify(proofs[i]))
  return run(process.execPath, [SCRIPT, ...files], { timeout: 20_000 }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: error.stdout + error.stderr,
    }),
  )
}

/** Proofs of some metrics by name. */
async function proofs(engine: (typeof ENGINES)[number], names: readonly string[], records = RECORDS) {
  const { database, workspace, context } = await explainShop(engine, records)
  const manifest = { configuration: { version: 3, hash: 'a'.repeat(64) }, stateSchema: 1, now: NOW }
  const made: Proof[] = []
  for (const metric of names) {
    made.push(await proof(database, workspace, { ...QUERY, ...JUNE, metric }, { ...context, ...manifest }))
  }
  return made
}

describe.each(ENGINES)('a proof on %s', (engine) => {
  test('F142: a script that knows nothing of the program computes the same from the rows alone', async () => {
    const names =
      engine === 'duckdb'
        ? ENTRY_NAMES
        : [
            'roi',
            'revenue',
            'cac',
            'coverage',
            'spread',
            'ltv',
            'payback',
            'sales_cycle',
            'velocity',
            'ctr',
            'growth',
            'budget_forecast',
            'data_quality',
          ]
    const made = await proofs(engine, names)
    const { code, said } = await verify(made)
    const wrong = said.split('\n').filter((line) => line !== '' && !line.endsWith(': the same'))
    expect([code, wrong]).toEqual([0, []])
    expect(said.match(/: the same/g)).toHaveLength(names.length)
    expect(made[0]!.manifest).toMatchObject({ config_version: 3 })
  })

  test('a proof that was changed fails: the value, a part, an amount, a weight, a rate, a row taken out', async () => {
    const [roi] = await proofs(engine, ['roi'])
    const changed = (change: (copy: Proof) => void): Proof => {
      const copy = structuredClone(roi!)
      change(copy)
      return copy
    }
    const [costed, cost] = [0, 1]
    const rate = (copy: Proof) => copy.inputs[cost]!.rows.find(({ cells }) => cells.rate === '7.2')!
    const tampered = [
      changed((copy) => Object.assign(copy, { expected: (copy.expected as number) * (1 + 1e-11) })),
      changed((copy) => Object.assign(copy.inputs[costed]!.rows[0]!, { part: '1' })),
      changed((copy) => Object.assign(copy.inputs[costed]!.rows[0]!.exact!, { amount_minor: '1' })),
      changed((copy) => Object.assign(copy.inputs[costed]!.rows[0]!.exact!, { weight_units: '360360000000' })),
      changed((copy) => Object.assign(rate(copy).cells, { rate: '7.3' })),
      changed((copy) => copy.inputs[cost]!.rows.pop()),
    ]
    expect((await verify([roi!])).code).toBe(0)
    for (const one of tampered) {
      const { code, said } = await verify([one])
      expect(code).toBe(1)
      expect(said).toMatch(/computed|row/)
    }
  })

  test('what is n/a stays n/a: a proof of it says so', async () => {
    const made = await proofs(engine, ['roi', 'win_rate'], [])
    expect(made.map(({ expected, reason }) => [expected, reason])).toEqual([
      [null, 'no_cost'],
      [null, 'no_deals'],
    ])
    expect((await verify(made)).code).toBe(0)
  })
})

test('the script stands alone and is short enough to be read', async () => {
  const text = await readFile(SCRIPT, 'utf8')
  expect([...text.matchAll(/from '([^']+)'/g)].map(([, name]) => name)).toEqual(['node:fs'])
  expect(text.split('\n').length).toBeLessThanOrEqual(101)
})
