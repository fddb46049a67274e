import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Attribution } from '../src/api/data-driven.ts'
import { Report } from '../src/api.ts'
import { run } from './cli-process.ts'
import { testProfile } from './support/databases.ts'
import { END, plenty } from './support/journeys.ts'

/** `models`, and `report` under a data-driven model, as a user runs them. */

const instant = (hours: number) => new Date(END - hours * 3_600_000).toISOString()

/** The journeys of {@link plenty} as files. */
async function writeFiles(folder: string): Promise<string[]> {
  const journeys = plenty()
  const files = {
    'contacts.csv': ['contact_id,created_at', ...journeys.map((_, i) => `c${i},${instant(10)}`)],
    'touches.csv': [
      'touch_id,contact_id,occurred_at,channel',
      ...journeys.flatMap(({ path }, i) =>
        path.map((channel, place) => `t${i}-${place},c${i},${instant(path.length - place)},${channel}`),
      ),
    ],
    'deals.csv': [
      'deal_id,contact_ids,amount,currency,closed_at,won',
      ...journeys.flatMap(({ amount }, i) =>
        amount === undefined ? [] : [`d${i},c${i},${(amount / 100).toFixed(2)},CNY,${instant(0)},true`],
      ),
    ],
  }
  for (const [name, lines] of Object.entries(files)) await writeFile(join(folder, name), `${lines.join('\n')}\n`)
  return Object.keys(files).map((name) => join(folder, name))
}

test('what is missing, then the models and a report with intervals', async () => {
  const { environment, folder } = await testProfile('duckdb')
  const ask = (...args: string[]) => run(args, environment)
  const files = await writeFiles(folder)
  expect((await ask('settings', 'set', 'locale', 'en')).code).toBe(0)

  const few = await ask('report', '--model', 'markov')
  expect(few).toMatchObject({ code: 1, out: '' })
  expect(few.err).toContain('0 of 300 won deals with a touch')
  expect(few.err).toContain('linear')
  expect((await ask('models')).out).toContain('✗ markov_1: 0/300 won deals with a touch')

  expect((await ask('import', ...files, '--quiet')).code).toBe(0)
  const shown = await ask('models', '--model', 'markov,shapley_s6', '--interval', '20')
  expect(shown).toMatchObject({ code: 0, err: '' })
  expect(shown.out).toContain('600 journeys, 330 won deals with a touch')
  expect(shown.out).toContain('✓ markov_1 · P(won) 55.0 %')
  expect(shown.out).toMatch(/ads +\d+\.\d % +[\d.]+ \([\d.]+–[\d.]+\)/)
  expect(shown.out).toContain('✓ markov_2: available')
  const json = Attribution.parse(JSON.parse((await ask('models', '--json')).out))
  expect(json.models.filter(({ result }) => result)).toHaveLength(5)

  const report = Report.parse(JSON.parse((await ask('report', '--model', 'shapley', '--interval', '20', '--json')).out))
  expect(report.query).toMatchObject({ model: 'shapley_s1', interval: 20 })
  expect(report.rows.every(({ interval }) => interval)).toBe(true)
  const chinese = await ask('report', '--model', 'markov', '--interval', '20', '--seed', '2', '--locale', 'zh-CN')
  expect(chinese.out).toContain('收入占比')
  expect(chinese.out).toContain('600 条旅程，其中 330 条成交')
  expect(chinese.out).toContain('对账一致')
  const refused = await ask('report', '--model', 'linear', '--interval', '20')
  expect(refused).toMatchObject({ code: 2, out: '' })
  expect(refused.err).toContain('markov or shapley')
}, 60_000)
