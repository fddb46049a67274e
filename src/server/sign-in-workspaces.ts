import type { RequestHandler } from 'express'
import { Workspaces } from '../api.ts'
import type { Principal } from './auth.ts'
import { parse } from './parse.ts'
import { REQUESTS } from './requests.ts'
import { query, sendJson } from './routes.ts'
import { QUIET, type Services } from './services.ts'

/** `GET /workspaces` for people of some workspaces: those, and nothing that tells of others. All others get all. */
export function ownWorkspaces(services: Services): RequestHandler {
  return async (request, response, next) => {
    const { workspaces: own } = (response.locals.principal ?? { workspaces: null }) as Pick<Principal, 'workspaces'>
    if (own === null) return next()
    const all = await services.workspaces(parse(REQUESTS.workspaces, query(request)), QUIET)
    const workspaces = all.workspaces.filter(({ key }) => own.includes(key))
    sendJson(response, Workspaces, { ...all, workspaces })
  }
}
