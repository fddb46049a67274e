import type { Panel, Problem } from '../src/api.ts'

/** Where and as whom the element asks. */
export interface Source {
  readonly endpoint: string
  readonly token: string
}

/** Query parameters; null and undefined are left out. */
export type Query = Record<string, string | number | null | undefined>

const TIMEOUT_MS = 15_000

/** A request that gave no data, in a form the error state can show. */
export class RequestError extends Error {
  override name = 'RequestError' as const
  /** 0 when there was no answer at all. */
  readonly status: number
  readonly code: string
  readonly remedy: string | null
  readonly requestId: string | null

  constructor(
    status: number,
    code: string,
    message = '',
    remedy: string | null = null,
    requestId: string | null = null,
  ) {
    super(message)
    this.status = status
    this.code = code
    this.remedy = remedy
    this.requestId = requestId
  }

  /** No answer, or the service says it cannot answer now: the last snapshot may be shown instead. */
  get isOutage(): boolean {
    return this.status === 0 || this.status >= 500 || this.status === 429
  }

  /** The service does not know us, or we may not see this. */
  get isRefusal(): boolean {
    return this.status === 401 || this.status === 403
  }
}

/** `GET /api/v1/panel` */
export async function getPanel(source: Source, query: Query, signal: AbortSignal): Promise<Panel> {
  const panel = await get<Panel>(source, 'panel', query, signal)
  if (panel?.version !== 1 || typeof panel.views !== 'object') throw new RequestError(0, 'bad_response')
  return panel
}

/** Asks the service for something under `/api/v1`. */
export async function get<T>(source: Source, path: string, query: Query, signal: AbortSignal): Promise<T> {
  const url = apiUrl(source.endpoint, path)
  for (const [name, value] of Object.entries(query)) if (value != null) url.searchParams.set(name, String(value))
  let response: Response
  try {
    response = await fetch(url, {
      headers: { accept: 'application/json', ...(source.token ? { authorization: `Bearer ${source.token}` } : {}) },
      credentials: source.token ? 'omit' : 'same-origin',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
  } catch (error) {
    signal.throwIfAborted()
    throw new RequestError(0, error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'network')
  }
  const body: unknown = await response.json().catch(() => null)
  signal.throwIfAborted()
  if (response.ok && body !== null) return body as T
  throw problemOf(response, body)
}

/** Only http and https addresses are asked: an `endpoint` attribute may come from a foreign template. */
function apiUrl(endpoint: string, path: string): URL {
  let url: URL | null = null
  try {
    url = new URL(`${endpoint.replace(/\/+$/, '')}/api/v1/${path}`, location.href)
  } catch {
    // Reported below, like a scheme that is not allowed.
  }
  if (url && /^https?:$/.test(url.protocol)) return url
  throw new RequestError(400, 'bad_endpoint')
}

function problemOf(response: Response, body: unknown): RequestError {
  const problem = (body as Partial<Problem> | null)?.error
  const id = problem?.request_id ?? response.headers.get('x-request-id')
  if (response.ok) return new RequestError(0, 'bad_response', '', null, id)
  return new RequestError(response.status, problem?.code ?? 'http', problem?.message ?? '', problem?.remedy ?? null, id)
}
