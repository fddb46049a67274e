import type { Drill, Explain } from '../src/api.ts'
import { get, type Query, type Source } from './client.ts'

/** `GET /api/v1/drill` */
export function getDrill(source: Source, query: Query, signal: AbortSignal): Promise<Drill> {
  return get<Drill>(source, 'drill', query, signal)
}

/** `GET /api/v1/explain` */
export function getExplain(source: Source, query: Query, signal: AbortSignal): Promise<Explain> {
  return get<Explain>(source, 'explain', query, signal)
}
