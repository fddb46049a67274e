import type { RequestHandler } from 'express'
import { Audit } from '../api/audit.ts'
import type { State } from '../state/state.ts'
import type { Principal } from './auth.ts'
import { parse } from './parse.ts'
import { REQUESTS } from './requests.ts'
import { query, sendJson } from './routes.ts'
import { QUIET, type Services } from './services.ts'
import { findWorkspace } from './workspaces.ts'

/** The command `audit`: who did what, when. */
export function auditServices(state: State): Pick<Services, 'audit'> {
  return {
    async audit(request) {
      const { tenant, key } = await findWorkspace(state, request.workspace)
      const entries = await state.audit(tenant, request.limit, request.installation)
      return {
        workspace: key,
        entries: entries.map(({ at, actor, action, subject, before, after, tenant }) => {
          return { at: at.toISOString(), by: actor, action, subject, before, after, installation: tenant === null }
        }),
      }
    },
  }
}

/**
 * `GET /api/v1/audit?workspace&limit` → Audit: the newest 50, at most 1000. What is of the whole installation (users, keys,
 * refused sign-ins) is told to those who may see every workspace.
 *
 * Errors: Problem; 400 `bad_request`; 404 `unknown_workspace`.
 */
export function auditRoute(services: Pick<Services, 'audit'>): RequestHandler {
  return async (request, response) => {
    const { workspaces } = (response.locals.principal ?? { workspaces: null }) as Pick<Principal, 'workspaces'>
    const ask = parse(REQUESTS.audit, { ...query(request), installation: workspaces === null })
    sendJson(response, Audit, await services.audit(ask, QUIET))
  }
}
