import { expect, test } from 'vitest'
import type { Change } from '../src/sync/contract.ts'
import { digestOf, unwritten, without } from '../src/sync/write-back-digest.ts'

const deal = (id: number, source: string | null): Change => ({
  type: 'deal',
  id: String(id),
  values: { roi_panel_source: source },
})

async function* list(changes: readonly Change[]): AsyncGenerator<Change> {
  yield* changes
}

async function idsOf(changes: AsyncIterable<Change>): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of changes) ids.push(id)
  return ids
}

const MANY = Array.from({ length: 20_000 }, (_, i) => deal(9_000_000_000 + i, i % 2 ? 'E-mail' : null))

test('the same values are nothing to write, whatever was there before', async () => {
  const digest = await digestOf(list(MANY))
  expect(await digestOf(list(MANY))).toEqual(digest)
  expect(await idsOf(unwritten(list(MANY), digest, digest))).toEqual([])
  expect(await idsOf(unwritten(list(MANY), digest, {}))).toHaveLength(MANY.length)
})

test('a value, a record more and a record less bring a few records with them, not all', async () => {
  const before = await digestOf(list(MANY))
  for (const [changed, has] of [
    [MANY.with(77, deal(9_000_000_077, 'Trade fair')), true],
    [MANY.with(77, { ...deal(9_000_000_077, 'E-mail'), type: 'contact' }), true],
    [[...MANY, deal(1, 'E-mail')], true],
    [MANY.toSpliced(77, 1), false],
  ] as const) {
    const found = await idsOf(unwritten(list(changed), await digestOf(list(changed)), before))
    expect(found.length).toBeLessThan(40)
    if (has) expect(found.some((id) => id === '9000000077' || id === '1')).toBe(true)
  }
})

test('heaps are about as large as one another', async () => {
  const heaps = await digestOf(list(MANY))
  expect(Object.keys(heaps).length).toBeGreaterThan(4000)
})

test('what was refused counts as not written, with its heap', async () => {
  const digest = await digestOf(list(MANY))
  const refused = [MANY[5]!, MANY[6]!]
  const found = await idsOf(unwritten(list(MANY), digest, without(digest, refused)))
  for (const { id } of refused) expect(found).toContain(id)
  expect(found.length).toBeLessThan(60)
})
