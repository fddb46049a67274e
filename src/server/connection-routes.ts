import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import { z } from 'zod'
import {
  ConnectionSettings,
  ConnectionStatus,
  ConnectorInfo,
  ConnectResult,
  DisconnectResult,
  DoctorReport,
  WriteBack,
} from '../api.ts'
import { parse } from './parse.ts'
import { DisconnectQuery, REQUESTS } from './requests.ts'
import { query, sendJson } from './routes.ts'
import { QUIET, type Services } from './services.ts'

/** Settings of a connection are a few texts. */
const MAX_BODY = '64kb'

/**
 * Connections of the panel API. All take `workspace` and `locale` in the query.
 *
 * - `GET /connectors` → ConnectorInfo[]: what can be connected, with the fields of its form
 * - `GET /connections?only=…` → ConnectionStatus[]; `only` repeats and takes ids, connectors and titles
 * - `GET /connections/:id` → ConnectionStatus, with the progress of a run under way
 * - `POST /connections` `{connector, settings, title?, every_minutes?}` → ConnectResult. `settings` holds the values of the
 *   form by key, secrets in the clear; they are checked at the source before anything is kept, stored sealed and never
 *   sent back. The same account again replaces its settings and secrets. `every_minutes: null` = only when asked.
 * - `GET /connections/:id/settings` → ConnectionSettings, without secrets
 * - `PATCH /connections/:id` `{settings?, title?, every_minutes?}` → ConnectionSettings. `settings` holds only what is to be
 *   changed, null or an empty text for the default; a new secret is checked at the source first. The next run has it
 * - `POST /connections/:id/write-back` `{dry_run?}` → WriteBack, once it is done; going away ends it
 * - `POST /connections/:id/sync` `{full?}` → 202 with ConnectionStatus, once the run is under way; ask for the connection
 *   to see how far it is
 * - `DELETE /connections/:id?erase=true&force=true` → DisconnectResult; without `erase` the rows stay, without `force` access that a
 *   person granted must be given back to the source first (503 `uninstall_failed`)
 * - `GET /doctor` → DoctorReport of this machine and its stores. `POST /doctor` also asks every source; a read that makes
 *   us call others would let any page on the web spend their limits.
 *
 * Bodies are JSON up to 64 KB, without content encoding. Errors: Problem; 400 `bad_request`, `bad_connection_settings`,
 * `unknown_connector`, `granted_access`, `other_account`, `write_back_off`, `write_unsupported`; 401 `connect_failed` when the
 * source refuses the credentials, 503 when it cannot be asked; 401 `missing_scope`; 404 `unknown_connection`,
 * `unknown_workspace`; 413 `body_too_large`; 503 `sync_running`, `settings_busy`, `write_running`, `write_failed`.
 */
export function connectionRoutes(services: Services): Router {
  const router = Router()
  const json = express.json({ limit: MAX_BODY, inflate: false })

  router.get('/connectors', async (request, response) => {
    const ask = parse(REQUESTS.connectors, query(request))
    sendJson(response, z.array(ConnectorInfo), await services.connectors(ask, QUIET))
  })
  router.get('/connections', async (request, response) => {
    const { only = [], ...rest } = query(request)
    const ask = parse(REQUESTS.connections, { ...rest, only: [only].flat() })
    sendJson(response, z.array(ConnectionStatus), await services.connections(ask, QUIET))
  })
  router.get('/connections/:id', async (request, response) => {
    const ask = parse(REQUESTS.connections, { ...query(request), only: [request.params.id] })
    const [status] = await services.connections(ask, QUIET)
    sendJson(response, ConnectionStatus, status)
  })
  router.post('/connections', json, async (request, response) => {
    const ask = parse(REQUESTS.connect, { ...bodyOf(request), ...query(request) })
    sendJson(response, ConnectResult, await services.connect(ask, { ...QUIET, signal: goneWith(response) }))
  })
  router.get('/connections/:id/settings', async (request, response) => {
    const ask = parse(REQUESTS.connection_settings, { ...query(request), id: request.params.id })
    sendJson(response, ConnectionSettings, await services.connection_settings(ask, QUIET))
  })
  router.patch('/connections/:id', json, async (request, response) => {
    const ask = parse(REQUESTS.change_connection, { ...bodyOf(request), ...query(request), id: request.params.id })
    const feedback = { ...QUIET, signal: goneWith(response) }
    sendJson(response, ConnectionSettings, await services.change_connection(ask, feedback))
  })
  router.post('/connections/:id/write-back', json, async (request, response) => {
    const { id: connection } = request.params
    const ask = parse(REQUESTS.write_back, { ...bodyOf(request), ...query(request), connection })
    sendJson(response, WriteBack, await services.write_back(ask, { ...QUIET, signal: goneWith(response) }))
  })
  router.post('/connections/:id/sync', json, async (request, response) => {
    const ask = parse(REQUESTS.start_sync, { ...bodyOf(request), ...query(request), id: request.params.id })
    const status = await services.start_sync(ask, QUIET)
    response.status(202)
    sendJson(response, ConnectionStatus, status)
  })
  router.delete('/connections/:id', async (request, response) => {
    const ask = parse(DisconnectQuery, { ...query(request), id: request.params.id })
    sendJson(response, DisconnectResult, await services.disconnect(ask, QUIET))
  })
  const doctor = (offline: boolean): RequestHandler => {
    return async (request, response) => {
      const ask = parse(REQUESTS.doctor, { ...query(request), offline })
      sendJson(response, DoctorReport, await services.doctor(ask, { ...QUIET, signal: goneWith(response) }))
    }
  }
  router.get('/doctor', doctor(true))
  router.post('/doctor', doctor(false))
  return router
}

/** Aborted when nobody waits for the answer any more. */
function goneWith(response: Response): AbortSignal {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  return gone.signal
}

/** The body as parsed; none counts as empty. Whether it is an object is for the schema to say. */
function bodyOf(request: Request): object {
  const body: unknown = request.body
  return typeof body === 'object' && body !== null ? body : {}
}
