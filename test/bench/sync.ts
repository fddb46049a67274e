import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Figure } from './figure.ts'

/** What the fake source tells when it is asked. */
export interface SourceStats {
  readonly requests: number
  readonly limited: number
  /** Milliseconds between the first and the last list request of contacts, and how many requests under the limit there were. */
  readonly span: number
  readonly lists: number
}

/** What the process that synchronized tells at its end. */
export interface SyncStats {
  readonly state: string
  readonly milliseconds: number
  readonly records: number
  /** Microseconds of CPU, both kinds. */
  readonly cpu: number
  /** Bytes, the most there were. */
  readonly rss: number
}

export interface SourceOptions {
  readonly contacts: number
  readonly deals: number
  /** Requests per ten seconds. */
  readonly core: number
  /** Milliseconds until an answer. */
  readonly latency: number
}

/**
 * A backfill from the fake HubSpot, each in a process of its own: against its quota in real time, and as fast as this
 * machine goes.
 */
export async function syncFigures(large: boolean): Promise<Figure[]> {
  const quota = { contacts: 120_000, deals: 0, core: 190, latency: 80 }
  const paced = await measure(quota)
  const share = paced.source.lists / (paced.source.span / 1000) / (quota.core / 10)
  const contacts = large ? 1_000_000 : 200_000
  const free = await measure({ contacts, deals: contacts / 10, core: 10_000_000, latency: 0 })
  const size = large ? '1 M contacts, 100 k deals' : '200 k contacts, 20 k deals'
  return [
    {
      name: 'backfill of 120 k contacts at 190 requests / 10 s: share of the ceiling, least',
      value: share * 100,
      unit: '%',
      target: 95,
      least: true,
    },
    {
      name: 'the same: answers 429',
      value: (paced.source.limited / paced.source.requests) * 100,
      unit: '%',
      target: 2,
    },
    {
      name: `backfill of ${size}, no quota: local CPU per record`,
      value: free.sync.cpu / free.sync.records,
      unit: 'µs',
    },
    { name: 'the same: records stored', value: free.sync.records / (free.sync.milliseconds / 1000), unit: 'rows/s' },
    { name: 'the same: most memory', value: free.sync.rss / 1e6, unit: 'MB', ...(large ? { target: 300 } : {}) },
  ]
}

async function measure(options: SourceOptions): Promise<{ source: SourceStats; sync: SyncStats }> {
  const folder = await mkdtemp(join(tmpdir(), 'roi-panel-bench-'))
  const source = start('sync-source.ts', JSON.stringify(options))
  try {
    const [{ origin, token }] = (await once(source, 'message')) as [{ origin: string; token: string }]
    const child = start('sync-run.ts', JSON.stringify({ folder, origin, token }))
    const [sync] = (await once(child, 'message')) as [SyncStats]
    await once(child, 'exit')
    if (sync.state !== 'complete') throw new Error(`the run ended ${sync.state}`)
    source.send('stats')
    const [stats] = (await once(source, 'message')) as [SourceStats]
    return { source: stats, sync }
  } finally {
    source.kill()
    await rm(folder, { recursive: true, force: true })
  }
}

function start(file: string, argument: string): ChildProcess {
  const child = fork(join(import.meta.dirname, file), [argument], { env: { ...process.env, UV_THREADPOOL_SIZE: '16' } })
  child.once('exit', (code) => {
    // The one that waits for its message must hear of it.
    if (code) child.emit('message', { state: `with exit code ${code}` })
  })
  return child
}
