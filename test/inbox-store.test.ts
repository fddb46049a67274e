import { describe, expect, onTestFinished, test } from 'vitest'
import type { NewEvent, State } from '../src/state/state.ts'
import { ENGINES, openStateAt, statePlace } from './support/databases.ts'

const START = Date.UTC(2026, 10, 20)

/** A state store with a clock of its own and a connection to the accounts 1 and 2. */
async function open(engine: (typeof ENGINES)[number]) {
  const clock = { now: START }
  const place = await statePlace(engine)
  const state = await openStateAt(place, () => new Date(clock.now))
  onTestFinished(() => state.close())
  const { tenant } = await state.openWorkspace('main')
  const other = await state.openWorkspace('other')
  const connect = async (account: string, of = tenant) => {
    const made = { connector: 'crm', externalAccountId: account, title: account, settings: {}, secrets: {} }
    return (await state.saveConnection(of, { ...made, everyMinutes: null })).id
  }
  return { state, clock, place, tenant, one: await connect('1'), two: await connect('2', other.tenant) }
}

function event(key: string, account = '1', what: unknown = { refs: [] }): NewEvent {
  return { account, key, occurredAt: new Date(START - 1000), what }
}

async function keys(state: State, connection: string): Promise<string[]> {
  return (await state.dueEvents(connection, 100)).map(({ key }) => key)
}

describe.each(ENGINES)('the inbox on %s', (engine) => {
  test('keeps each event once, however often it comes, and tells how many were new', async () => {
    const { state, one } = await open(engine)
    expect(await state.addEvents('crm', [event('a'), event('b'), event('a')])).toBe(2)
    expect(await state.addEvents('crm', [event('b'), event('c')])).toBe(1)
    expect(await state.addEvents('crm', [])).toBe(0)
    expect((await keys(state, one)).sort()).toEqual(['a', 'b', 'c'])
    await state.endEvents(one, ['a'], 'done')
    expect(await state.addEvents('crm', [event('a')])).toBe(0)
    expect((await keys(state, one)).sort()).toEqual(['b', 'c'])
  })

  test('gives each event to its account, and one of an unknown account to nobody', async () => {
    const { state, one, two, tenant } = await open(engine)
    expect(await state.addEvents('crm', [event('a', '1'), event('a', '2'), event('b', '3')])).toBe(2)
    expect(await state.addEvents('other', [event('z', '1')])).toBe(0)
    expect(await keys(state, one)).toEqual(['a'])
    expect(await keys(state, two)).toEqual(['a'])
    expect((await state.dueConnections()).find(({ id }) => id === one)).toEqual({ id: one, tenant })
  })

  test('gives back what it was given', async () => {
    const { state, one } = await open(engine)
    const what = { refs: [{ type: 'deal', id: '9007199254740993' }] }
    await state.addEvents('crm', [event('it\'s "a" 键 😀', '1', what)])
    const [found] = await state.dueEvents(one, 10)
    expect(found).toEqual({
      key: 'it\'s "a" 键 😀',
      what,
      tries: 0,
      occurredAt: new Date(START - 1000),
      receivedAt: new Date(START),
    })
  })

  test('takes what no engine can hold out of keys', async () => {
    const { state, one } = await open(engine)
    expect(await state.addEvents('crm', [event('a\u0000b\ud800'), event('ab\ufffd')])).toBe(1)
    expect(await keys(state, one)).toEqual(['ab\ufffd'])
  })

  test('many deliveries at once are all kept, each told its own number', async () => {
    const { state, one } = await open(engine)
    const batches = Array.from({ length: 60 }, (_, i) => Array.from({ length: 100 }, (_, j) => event(`${i % 50} ${j}`)))
    const added = await Promise.all(batches.map((batch) => state.addEvents('crm', batch)))
    expect(added.reduce((a, b) => a + b)).toBe(5000)
    expect(added.filter((n) => n === 100)).toHaveLength(50)
    expect(await state.waitingEvents(one)).toEqual({ count: 5000, oldest: new Date(START) })
  })

  test('an event that was put off is due later, and what has ended is not due again', async () => {
    const { state, clock, one } = await open(engine)
    await state.addEvents('crm', [event('a'), event('b'), event('c')])
    await state.deferEvents(one, ['a'], new Date(START + 5000), true)
    await state.deferEvents(one, ['b'], new Date(START + 5000), false)
    await state.endEvents(one, ['c'], 'left')
    await state.endEvents(one, [], 'done')
    expect(await state.dueConnections()).toEqual([])
    clock.now += 5000
    const due = await state.dueEvents(one, 10)
    expect(due.map(({ key, tries }) => `${key} ${tries}`).sort()).toEqual(['a 1', 'b 0'])
    await state.deferEvents(one, ['c'], new Date(START), true)
    expect(await state.waitingEvents(one)).toMatchObject({ count: 2 })
  })

  test('those who may not be asked keep their events', async () => {
    const { state, clock, one, two } = await open(engine)
    await state.addEvents('crm', [event('a', '1'), event('b', '2')])
    await state.changeConnection(one, { state: 'reconnect' })
    await state.changeConnection(two, { state: 'paused', resumeAt: new Date(START + 60_000) })
    expect(await state.dueConnections()).toEqual([])
    clock.now += 60_000
    expect((await state.dueConnections()).map(({ id }) => id)).toEqual([two])
    await state.changeConnection(one, { state: 'active' })
    expect(await state.dueConnections()).toHaveLength(2)
  })

  test('what has ended is forgotten after a while, what waits is not', async () => {
    const { state, clock, one } = await open(engine)
    await state.addEvents(
      'crm',
      Array.from({ length: 1500 }, (_, i) => event(String(i))),
    )
    await state.endEvents(
      one,
      Array.from({ length: 1400 }, (_, i) => String(i)),
      'done',
    )
    clock.now += 1000
    await state.endEvents(one, ['1400'], 'left')
    expect(await state.pruneEvents(new Date(START + 1))).toBe(1400)
    expect(await state.waitingEvents(one)).toMatchObject({ count: 99 })
    expect(await state.addEvents('crm', [event('0'), event('1400'), event('1450')])).toBe(1)
  })

  test('nothing of an event but its key and its times is kept once it is dealt with', async () => {
    const { state, one, tenant } = await open(engine)
    await state.addEvents('crm', [event('a', '1', { refs: [{ type: 'deal', id: 'canary' }] })])
    await state.endEvents(one, ['a'], 'done')
    expect(await state.dueEvents(one, 10)).toEqual([])
    await state.removeConnection(tenant, one)
    expect(await state.addEvents('crm', [event('a')])).toBe(0)
  })
})
