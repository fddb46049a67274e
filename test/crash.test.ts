import { expect, test } from 'vitest'
import { folderOf, generator, type Texts, temporaryFolder, world } from './import-kit.ts'
import { contents, run } from './import-process.ts'
import { times } from './support/thorough.ts'

const KILLS = times(3, 10)

/** Up to 200,000 rows, some of them bad. */
function input(): Texts {
  const texts = world(21, times(200, 500))
  const bad = Array.from({ length: 40 }, (_, i) => `bad${i},someday,1,ads,,\n`).join('')
  return { ...texts, 'costs.csv': `${texts['costs.csv']}\n${bad}` }
}

test('an import that is killed at any moment and run again ends like one that never was', async () => {
  const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)
  const random = generator(seed)
  const texts = input()
  const rows = Object.values(texts).reduce((sum, text) => sum + text.split('\n').length - 1, 0)
  const folder = await folderOf(texts)
  let dataDir = await temporaryFolder()
  const reference = await run(dataDir, folder)
  expect(reference).toMatchObject({ code: 0, errors: '' })
  const expected = await contents(dataDir)
  expect(expected.imports).toEqual(['done'])
  expect(expected.rejects).toHaveLength(40)

  dataDir = await temporaryFolder()
  const kills: number[] = []
  while (kills.length < KILLS) {
    // Anywhere in the run, early moments more often: all of them have to fit into a test.
    const delay = Math.round(reference.milliseconds * (0.03 + 0.9 * random() ** 2))
    const ended = await run(dataDir, folder, { delay })
    expect(ended.errors, `seed ${seed}, killed after ${kills.join(', ')}`).toBe('')
    if (ended.killed) kills.push(delay)
    else {
      // Faster than the first time, so it was done: compare it and begin once more.
      expect(await contents(dataDir), `seed ${seed}, killed after ${kills.join(', ')}`).toEqual(expected)
      dataDir = await temporaryFolder()
    }
  }
  console.log(
    `seed ${seed}: ${rows} rows in ${Math.round(reference.milliseconds)} ms, killed after ${kills.join(', ')} ms`,
  )
  expect(await run(dataDir, folder), `seed ${seed}`).toMatchObject({ code: 0, errors: '' })
  expect(await contents(dataDir), `seed ${seed}`).toEqual(expected)
}, 240_000)
