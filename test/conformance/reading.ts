import { onTestFinished } from 'vitest'
import type { AnyRecord } from '../../src/model/records.ts'
import type { ApiKey, Connector, Context, DriftKind, Http, Identity, Page, Stream } from '../../src/sync/contract.ts'
import { parseSettings } from '../../src/sync/form.ts'
import { openUpstream } from '../../src/sync/http/upstream.ts'
import { contextOf } from '../../src/sync/run.ts'
import { testClock } from './kit.ts'
import type { OpenWorld, World } from './world.ts'

export type AnyStream = Stream<Readonly<Record<string, unknown>>>

/** A connector face to face with its source: no runner, no store. */
export interface Scene {
  readonly connector: Connector
  readonly world: World
  readonly clock: ReturnType<typeof testClock>
  readonly context: Context<Readonly<Record<string, unknown>>>
  /** Told so far: kind and field. */
  readonly drifts: readonly (readonly [DriftKind, string])[]
}

export async function openScene(connector: Connector, open: OpenWorld, settings?: World['settings']): Promise<Scene> {
  const clock = testClock()
  const world = await open({ now: () => Math.floor(clock.now()) })
  onTestFinished(() => world.fake.close())
  const { all, secrets } = parseSettings(connector, settings ?? world.settings)
  const upstream = openUpstream({
    connector,
    origin: world.fake.origin,
    clock,
    credential: async () => secrets[keyOf(connector)?.setting ?? ''],
  })
  onTestFinished(() => upstream.close())
  const drifts: [DriftKind, string][] = []
  const run = { settings: all, upstream, signal: new AbortController().signal, log() {} }
  const nobody: Identity = { externalAccountId: '', name: '' }
  const identity = settings ? nobody : await connector.check(contextOf(run, nobody))
  const context = contextOf(run, identity, (field, kind) => drifts.push([kind, field]))
  return { connector, world, clock, context, drifts }
}

/** The same scene with requests that go nowhere. */
export function withHttp(scene: Scene, http: Http): Scene {
  return { ...scene, context: { ...scene.context, http } }
}

export function streamsOf({ pull }: Connector): [string, AnyStream][] {
  return Object.entries(pull) as [string, AnyStream][]
}

export async function collect(pages: AsyncIterable<Page>, most = Number.POSITIVE_INFINITY): Promise<Page[]> {
  const collected: Page[] = []
  for await (const page of pages) {
    collected.push(page)
    if (collected.length >= most) break
  }
  return collected
}

/** Records by type and id, sorted: what a read brought, in whatever order and however often. */
export function keysOf(pages: readonly Page[]): string[] {
  return [...new Set(recordsOf(pages).map(({ type, id }) => `${type} ${id}`))].sort()
}

export function recordsOf(pages: readonly Page[]): AnyRecord[] {
  return pages.flatMap(({ records }) => records)
}

/** The secret of the settings that proves who asks; a grant has none, but may stand beside one. */
export function keyOf({ auth }: Pick<Connector, 'auth'>): ApiKey | undefined {
  if (auth.type === 'api_key') return auth
  return auth.type === 'oauth2' ? auth.also : undefined
}
