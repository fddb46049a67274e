import type { RequestHandler } from 'express'
import { Compare } from '../api.ts'
import { parse } from './parse.ts'
import { Refusal } from './problems.ts'
import { REQUESTS } from './requests.ts'
import { query, sendJson } from './routes.ts'
import { QUIET, type Services } from './services.ts'

/**
 * `GET /api/v1/compare?connection&limit&workspace&locale` → Compare: the source's own attribution of campaigns beside ours, all
 * time. It asks the source, one request for each campaign and model, so pages of other sites may not begin it.
 *
 * Errors: Problem; 400 `bad_request`, `compare_unsupported`; 403 `cross_site`; 404 `unknown_connection`, `unknown_workspace`;
 * 503 `compare_failed`. An account that does not let us ask is no error: `state: off` with its reason.
 */
export function compareRoute(services: Pick<Services, 'compare'>): RequestHandler {
  return async (request, response) => {
    const site = request.headers['sec-fetch-site']
    if (site !== undefined && site !== 'same-origin' && site !== 'none') {
      throw new Refusal(403, 'cross_site', {
        en: 'This is answered to pages of this server only.',
        'zh-CN': '只响应来自本服务页面的请求。',
      })
    }
    const ask = parse(REQUESTS.compare, query(request))
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    sendJson(response, Compare, await services.compare(ask, { ...QUIET, signal: gone.signal }))
  }
}
