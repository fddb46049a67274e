import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openDuckDB } from '../src/db/duckdb.ts'
import { openPostgres } from '../src/db/postgres.ts'
import { before } from './fakes/faults.ts'
import type { HubSpotAccount } from './fakes/hubspot/account.ts'
import { seedPortal } from './fakes/hubspot/seed.ts'
import { type HubSpot, startHubSpot } from './fakes/hubspot.ts'
import { generator } from './import-kit.ts'
import { type Engine, openTestDatabase, temporaryFolder } from './support/databases.ts'
import { factsOf, hubspotOf, LEAN, openSyncKit } from './support/sync-kit.ts'
import { times } from './support/thorough.ts'

/** Synchronizations that are killed -9 at any moment: before, in and after a write (reliability.md §4, F37; G5). */

const CHILD = join(import.meta.dirname, 'conformance', 'sync-child.ts')

/** Stores of their own with one connection, to be synchronized by child processes. */
class Place {
  readonly #arguments: readonly string[]
  readonly #engine: Engine
  readonly #database: string

  constructor(engine: Engine, database: string, folder: string, origin: string) {
    this.#engine = engine
    this.#database = database
    this.#arguments = [CHILD, engine, database, folder, origin]
  }

  /** Synchronizes once. @returns null when it was killed */
  async run(started: (child: ChildProcess) => void = () => {}): Promise<string | null> {
    const child = spawn(process.execPath, this.#arguments, { stdio: ['ignore', 'ignore', 'pipe'] })
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    started(child)
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.on('error', reject).on('close', (...ended) => resolve(ended))
    })
    if (signal === 'SIGKILL') return null
    return code === 0 ? errors : `${code}: ${errors}`
  }

  async facts() {
    const open = this.#engine === 'duckdb' ? openDuckDB : openPostgres
    const database = await open(this.#database)
    try {
      return await factsOf(database, 1)
    } finally {
      await database.close()
    }
  }
}

async function openPlace(engine: Engine, { origin }: HubSpot, { token }: HubSpotAccount): Promise<Place> {
  const database =
    engine === 'duckdb' ? join(await temporaryFolder(), 'facts.duckdb') : (await openTestDatabase(engine)).place
  // Connecting writes to the state store only.
  const kit = await openSyncKit({ registry: hubspotOf(undefined), origin })
  await kit.connect('hubspot', { ...LEAN, token })
  return new Place(engine, database, kit.place.folder, origin)
}

function change(account: HubSpotAccount): void {
  const contacts = account.ids('contacts')
  for (const id of contacts.slice(0, 40)) account.update('contacts', id, { firstname: 'Changed' })
  for (const id of contacts.slice(50, 55)) account.delete('contacts', id)
  account.merge('contacts', contacts[60]!, contacts[61]!)
  for (const id of account.ids('deals').slice(0, 9))
    account.update('deals', id, { dealstage: 'closedwon', amount: '77' })
}

test.each([
  ['duckdb', times(4, 12)],
  ['postgres', times(4, 12)],
] as const)(
  'F37 killed at %s: what follows ends like a synchronization that was never killed',
  async (engine, kills) => {
    const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)
    const random = generator(seed)
    const fake = await startHubSpot({ limits: false, validate: false })
    onTestFinished(() => fake.close())
    const account = fake.addAccount()
    seedPortal(account, { contacts: 240, companies: 12, deals: 40, leads: 6, campaigns: 3, forms: 0, events: 0, seed })

    const calm = await openPlace(engine, fake, account)
    const told = `seed ${seed}`
    const spent = fake.counters.requests
    expect(await calm.run(), told).toBe('')
    const requests = fake.counters.requests - spent
    const place = await openPlace(engine, fake, account)
    let done = 0
    const rounds = async (count: number, most: number) => {
      for (let killed = 0; killed < count; ) {
        // Some while after some request: in the middle of a page, of a write, of what is computed at the end.
        const at = Math.floor(random() * most)
        const delay = Math.floor(random() ** 2 * 120)
        const ended = await place.run((child) => {
          const script = fake.faults.next(
            { skip: at },
            before(() => void sleep(delay).then(() => child.kill('SIGKILL'))),
          )
          child.on('close', () => script.cancel())
        })
        expect(ended ?? '', `${told}, killed ${done} times`).toBe('')
        if (ended !== null) return
        killed += 1
        done += 1
      }
    }
    // Kills become rarer the less is left to do; what is done early begins anew with changes.
    await rounds(kills - 4, Math.floor(requests / 2))
    expect(await place.run(), told).toBe('')
    const first = await calm.facts()
    expect(first.contact!.length).toBe(240)
    expect(await place.facts(), told).toEqual(first)

    while (done < kills) {
      change(account)
      await rounds(kills - done, 12)
      expect(await place.run(), told).toBe('')
      expect(await calm.run(), told).toBe('')
      expect(await place.facts(), told).toEqual(await calm.facts())
    }
    console.log(`${engine}, ${told}: ${requests} requests, killed ${done} times`)
  },
  120_000,
)
