import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Clock } from '../fakes/clock.ts'
import type { FakeAnswer, FakeRequest } from '../fakes/http.ts'
import { type Fake, startFake } from '../fakes/server.ts'

/** A source to talk to, fresh for every test. */
export interface World {
  readonly fake: Fake
  readonly settings: Readonly<Record<string, unknown>>
  /** Settings whose credentials the source refuses. */
  readonly badSettings: Readonly<Record<string, unknown>>
  /** Ids of its own type that a stream must bring now; undefined where that is not known: then some record. */
  ids(stream: string): readonly string[] | undefined
  /** False: its answers are no JSON with rows by id, so what becomes of single rows is for tests of its own. */
  readonly rows?: false
  /** How the source refuses, by in-body code. */
  readonly refusals: Readonly<Record<string, { readonly status: number; readonly body: unknown }>>
  /** Ways to change records, where the source can; each says in which stream. */
  readonly change?: {
    create(): string
    update(): string
    delete(): string
    merge?(): string
  }
}

/** Opens a world whose time is the clock's. */
export type OpenWorld = (clock: Clock) => Promise<World>

const Conversation = z.strictObject({
  settings: z.record(z.string(), z.unknown()),
  badSettings: z.record(z.string(), z.unknown()),
  ids: z.record(z.string(), z.array(z.string())),
  refusals: z.record(z.string(), z.object({ status: z.int(), body: z.unknown() })).default({}),
  exchanges: z.array(
    z.strictObject({
      request: z.strictObject({
        method: z.string().default('GET'),
        path: z.string(),
        /** Parameters that must have these values; others may be there. */
        query: z.record(z.string(), z.string()).default({}),
        headers: z.record(z.string(), z.string()).default({}),
        json: z.unknown().optional(),
      }),
      response: z.strictObject({ status: z.int().default(200), body: z.unknown() }),
    }),
  ),
})
type Exchange = z.infer<typeof Conversation>['exchanges'][number]

/**
 * The world of a connector: `test/fakes/<id>.conformance.ts` where there is a fake of its source, else what its folder's
 * `fixtures/conversation.json` says. In a conversation the first exchange that fits a request answers it.
 */
export async function worldOf(id: string, folder: URL): Promise<OpenWorld> {
  const own = new URL(`../fakes/${id}.conformance.ts`, import.meta.url)
  if (existsSync(own)) return ((await import(own.href)) as { openWorld: OpenWorld }).openWorld
  const file = new URL('fixtures/conversation.json', folder)
  if (!existsSync(file)) throw new Error(`${id} has neither a fake of its source nor fixtures/conversation.json`)
  const { exchanges, ids, ...rest } = Conversation.parse(JSON.parse(await readFile(file, 'utf8')))
  return async (clock) => ({
    ...rest,
    ids: (stream) => ids[stream],
    fake: await startFake(definition(exchanges), { clock }),
  })
}

function definition(exchanges: readonly Exchange[]): Parameters<typeof startFake>[0] {
  const refuse = (_request: FakeRequest, status: number, message: string): FakeAnswer => ({ status, body: { message } })
  const places = new Map(exchanges.map(({ request: { method, path } }) => [`${method} ${path}`, { method, path }]))
  return {
    routes: [...places.values()].map((place) => ({
      ...place,
      handle(request) {
        const found = exchanges.find((exchange) => fits(exchange, request))
        return found?.response ?? refuse(request, 404, `no exchange fits ${request.method} ${request.path}`)
      },
    })),
    authenticate: () => 'account',
    tooMany: (request, policy) => refuse(request, 429, policy),
    refuse,
  }
}

function fits({ request: wanted }: Exchange, request: FakeRequest): boolean {
  return (
    wanted.method === request.method &&
    wanted.path === request.path &&
    Object.entries(wanted.query).every(([name, value]) => (request.query.get(name) ?? '') === value) &&
    Object.entries(wanted.headers).every(([name, value]) => request.headers[name] === value) &&
    (wanted.json === undefined || JSON.stringify(wanted.json) === JSON.stringify(request.body))
  )
}
