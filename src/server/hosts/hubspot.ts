import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express'
import { z } from 'zod'
import {
  EmbedAddress,
  HostConnection,
  Panel,
  type RecordType,
  RecordView,
  type ConnectionStatus as Status,
} from '../../api.ts'
import type { Config } from '../../config.ts'
import { isRoiError, LOCALES, type Locale } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { RULE_MODELS } from '../../model/rule-models.ts'
import type { Workspace } from '../../model/settings.ts'
import type { Connection } from '../../state/state.ts'
import type { Connector } from '../../sync/contract.ts'
import { notPublic } from '../embed-problems.ts'
import type { EmbedEnv, EmbedSessions } from '../embed-sessions.ts'
import { parse } from '../parse.ts'
import { localeOf, problemOf } from '../problems.ts'
import { REQUESTS } from '../requests.ts'
import { QUIET, type Services } from '../services.ts'
import { fitPanel, fitRecord } from './fit.ts'
import { type Asker, askerOf, subjectOf } from './hubspot-asker.ts'
import { KeyedLimiter } from './keyed-limiter.ts'
import { type Reach, reachOf } from './people.ts'
import { noAccess, notAUser, notConnected, pending, tooSlow } from './problems.ts'

const CONNECTOR = 'hubspot'
/** HubSpot sends at most 1 MB; a question is a few names. */
const MAX_BODY = '64kb'
/** HubSpot ends its request after 15 seconds. */
const DEADLINE_MS = 13_000
/** HubSpot lets an account send 20 at a time; a person with a card asks a few times a minute. */
const ACCOUNT = { burst: 200, perSecond: 20 }
const PERSON = { burst: 40, perSecond: 2 }

/** What the host adapters need of the program. */
export interface HostsEnv extends EmbedEnv {
  /** A connector by its id, undefined when there is none. */
  readonly findConnector: (id: string) => Promise<Connector | undefined>
  readonly clients: Config['clients']
}

const TYPES = {
  deals: 'deal',
  companies: 'account',
  contacts: 'contact',
} as const satisfies Record<string, RecordType>

const locale = z.enum(LOCALES).default('en')
const model = z.enum(RULE_MODELS).exactOptional()
const selector = { object_type: z.enum(['deals', 'companies', 'contacts']), object_id: z.string().regex(/^\d{1,20}$/) }
const RecordBody = z.object({ ...selector, locale, model })
const PortfolioBody = z.object({ locale, model })
const ConnectionBody = z.object({ locale })
const SessionBody = z.union([
  z.object({ ...selector, locale, request_id: z.string().min(8).max(100) }),
  z.object({
    object_type: z.undefined().optional(),
    object_id: z.undefined().optional(),
    locale,
    request_id: z.string().min(8).max(100),
  }),
])

/** A question of a person in an account, and where that account is connected. */
interface Asked {
  readonly asker: Asker
  readonly body: unknown
  /** Undefined where the account is not connected. */
  readonly home: Home | undefined
}
interface Home {
  readonly workspace: Workspace
  readonly connection: Connection
  readonly reach: Reach
}

/**
 * What the card, the page and the settings of the HubSpot app ask. Every request is signed by HubSpot, which also says who
 * asks; the account decides the workspace, and records are looked up in that workspace and that connection only. Questions
 * change nothing and may come twice.
 *
 * - `POST /hubspot/record` `{object_type, object_id, locale, model?}` → RecordView; what is too long for HubSpot (1 MB) is left
 *   out at the old end and counted in `journey_more`
 * - `POST /hubspot/portfolio` `{locale, model?}` → Panel with the asked model in front
 * - `POST /hubspot/connection` `{locale}` → HostConnection; `status: null` where the account is not connected
 * - `POST /hubspot/embed-session` `{object_type?, object_id?, locale, request_id}` → EmbedAddress: opens the panel at the record,
 *   or at the workspace, once, within a minute; the same `request_id` again is the same address
 *
 * Who sees what (F135): the workspace, and a session of it, users of the service or everyone of the account; a record whoever
 * HubSpot shows it, or of people who are no users those it belongs to. Both as the connection is set, see people.ts.
 *
 * `object_type`: deals, companies, contacts. Errors: Problem in the language of the body; 401 `bad_signature`; 400 `bad_request`;
 * 403 `no_access` for a user of the service who is kept out of the workspace, and on the workspace for who is no user; 404
 * `unknown_record`, the same for what is not his, `not_connected`; 409 `pending` before the first synchronization is done; 413,
 * 415; 429 `rate_limited` per account and per person; 503 `too_slow`, `public_url_missing`, `client_secret_missing`.
 */
export function hubspotRoutes(
  services: Pick<Services, 'record' | 'panel' | 'connections'>,
  env: HostsEnv,
  sessions: EmbedSessions | undefined,
  log: Log,
): Router {
  const router = Router()
  const accounts = new KeyedLimiter(ACCOUNT.burst, ACCOUNT.perSecond)
  const people = new KeyedLimiter(PERSON.burst, PERSON.perSecond)
  const asks = {
    connector: () => env.findConnector(CONNECTOR),
    secrets: env.clients[CONNECTOR]?.secrets ?? [],
    publicUrl: env.publicUrl,
    now: env.now ?? (() => new Date()),
  }

  const answer = <T>(schema: z.ZodType<T>, respond: (asked: Asked) => Promise<unknown>): RequestHandler => {
    return async (request: Request, response: Response) => {
      const asker = await askerOf(asks, request)
      accounts.take(asker.portalId, response)
      people.take(subjectOf(asker), response)
      const body = bodyOf(request)
      response.locals.locale = z.object({ locale }).safeParse(body).data?.locale
      const home = await homeOf(env, asker)
      const result = await within(DEADLINE_MS, respond({ asker, body, home }))
      response.set('cache-control', 'no-store').json(schema.parse(result))
    }
  }

  const view = async (home: Home, ask: z.output<typeof RecordBody>): Promise<RecordView> => {
    const { workspace, connection, reach } = home
    const { object_type, object_id, ...rest } = ask
    const request = parse(REQUESTS.record, {
      ...rest,
      workspace: workspace.key,
      source: connection.source,
      type: TYPES[object_type],
      id: object_id,
      ...(reach.viewer && { viewer: reach.viewer }),
    })
    try {
      return await services.record(request, QUIET)
    } catch (error) {
      if (isRoiError(error) && error.code === 'unknown_record' && !connection.completeAt) throw pending()
      throw error
    }
  }

  router.use(express.raw({ type: () => true, limit: MAX_BODY, inflate: false }))
  router.post(
    '/record',
    answer(RecordView, async ({ body, home }) => fitRecord(await view(known(home), parse(RecordBody, body)))),
  )
  router.post(
    '/portfolio',
    answer(Panel, async ({ asker, body, home }) => {
      const ask = parse(PortfolioBody, body)
      const { workspace, connection } = whole(known(home), asker)
      const request = parse(REQUESTS.panel, { workspace: workspace.key, locale: ask.locale })
      const panel = await services.panel(request, QUIET)
      if (panel.empty && !connection.completeAt) throw pending()
      return fitPanel(panel, ask.model)
    }),
  )
  router.post(
    '/connection',
    answer(HostConnection, async ({ body, home }) => {
      const ask = parse(ConnectionBody, body)
      const console = `${env.publicUrl}/`
      if (!home) return { status: null, console }
      const { workspace, connection } = home
      const request = { workspace: workspace.key, only: [connection.id], locale: ask.locale }
      const [status]: readonly Status[] = await services.connections(parse(REQUESTS.connections, request), QUIET)
      return { status: status ?? null, console }
    }),
  )
  router.post(
    '/embed-session',
    answer(EmbedAddress, async ({ asker, body, home }) => {
      if (!sessions) throw notPublic()
      const { object_type, object_id, locale, request_id } = parse(SessionBody, body)
      const { connection } = known(home)
      const record = object_type === undefined ? null : { type: TYPES[object_type], id: object_id }
      // Opened is only what is there to be seen, and for him.
      if (object_type === undefined) whole(known(home), asker)
      else await view(known(home), { object_type, object_id, locale })
      const wish = {
        connection,
        subject: subjectOf(asker),
        email: asker.userEmail,
        requestId: request_id,
        locale,
        record,
      }
      const { uri, expiresAt } = await sessions.begin(wish)
      return { uri, expires_at: expiresAt.toISOString() }
    }),
  )
  router.use(problems(log))
  return router
}

/**
 * The workspace an account is connected to, and how far who asks sees in it.
 * @throws RoiError `no_access` for a user of the service who is kept out of it
 */
async function homeOf({ state }: HostsEnv, { portalId, userId, userEmail }: Asker): Promise<Home | undefined> {
  const found = await state.findAccount(CONNECTOR, portalId)
  const connection = found && (await state.findConnection(found.tenant, found.connection))
  if (!connection) return undefined
  const reach = await reachOf(state, connection, { id: userId, email: userEmail })
  if (!reach) throw noAccess()
  const workspace = (await state.workspaces()).find(({ tenant }) => tenant === connection.tenant)
  return workspace && { workspace, connection, reach }
}

/** @throws RoiError `no_access` for who sees no more than records */
function whole(home: Home, { userEmail }: Asker): Home {
  if (!home.reach.page) throw notAUser(userEmail, home.workspace.key, home.connection.id)
  return home
}

function known(home: Home | undefined): Home {
  if (!home) throw notConnected()
  return home
}

/** The body as JSON, once its signature is proved; what is none is refused by the schema. */
function bodyOf(request: Request): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '')
  } catch {
    return undefined
  }
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(tooSlow()), milliseconds)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Problems in the language that the body asked for: HubSpot's proxy passes on no header that tells it. */
function problems(log: Log): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error)
    const { id } = response.locals
    const language: Locale = response.locals.locale ?? localeOf(request) ?? 'en'
    const { status, body } = problemOf(error, language, id)
    if (status >= 500) log.error({ id, path: request.path, err: error }, 'a request of HubSpot failed')
    response.status(status).set('cache-control', 'no-store').json(body)
  }
}
