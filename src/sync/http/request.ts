import { createRequire } from 'node:module'
import { ConnectorError } from '../../errors.ts'
import type { HttpRequest } from '../contract.ts'
import type { Outgoing } from './exchange.ts'

const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string }

/**
 * A request as it goes over the wire, without what proves who we are.
 * @throws ConnectorError `bad_path`
 */
export function outgoingOf(request: HttpRequest, origin: URL): Outgoing {
  const body = bodyOf(request)
  const own = Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])
  return {
    method: request.method ?? 'GET',
    target: targetOf(request, origin),
    headers: {
      accept: request.text ? '*/*' : 'application/json',
      'accept-encoding': 'gzip, deflate, br',
      'user-agent': `roi-panel/${version}`,
      ...(body ? { 'content-type': body.type } : {}),
      ...Object.fromEntries(own),
    },
    body: body?.text ?? null,
  }
}

function bodyOf(request: HttpRequest): { readonly type: string; readonly text: string } | undefined {
  if (request.json !== undefined) return { type: 'application/json', text: JSON.stringify(request.json) }
  if (request.form === undefined) return undefined
  return { type: 'application/x-www-form-urlencoded', text: new URLSearchParams(request.form).toString() }
}

/**
 * Path and query of a request as they go over the wire.
 * @throws ConnectorError `bad_path` when the path would leave the origin, climb, or hold what must be encoded
 */
export function targetOf(request: HttpRequest, origin: URL): string {
  const { path } = request
  // Parsing changes what is not plain: backslashes, dot segments, control characters, spaces, queries.
  const url = path.startsWith('/') && URL.canParse(path, origin.href) ? new URL(path, origin) : undefined
  if (!url || url.origin !== origin.origin || url.pathname !== path || path.startsWith('//') || path.includes('@')) {
    throw new ConnectorError('report', 'bad_path', 'a request path must be plain, encoded and below the origin')
  }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (Array.isArray(value)) for (const part of value) query.append(name, part)
    else if (value !== undefined) query.append(name, String(value))
  }
  return query.size > 0 ? `${path}?${query}` : path
}
