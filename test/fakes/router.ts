import type { FakeAnswer, FakeRequest } from './http.ts'

/** One call the fake understands. */
export interface Route {
  readonly method: string
  /** Such as `/crm/objects/:version/:type`; a name takes one segment. */
  readonly path: string
  /** Names of the limits a request counts against. */
  readonly limits?: readonly string[]
  handle(request: FakeRequest): FakeAnswer | Promise<FakeAnswer>
}

interface Found {
  readonly route?: Route
  readonly params: Readonly<Record<string, string>>
}

const NOTHING: Found = { params: {} }

/** Finds the route of a path. */
export class Router {
  readonly #routes: readonly { readonly route: Route; readonly pattern: RegExp }[]
  /** Lists are read page by page under one path. */
  readonly #found = new Map<string, Found>()

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => ({ route, pattern: compile(route.path) }))
  }

  find(method: string, path: string): Found {
    const key = `${method} ${path}`
    let found = this.#found.get(key)
    if (!found) {
      found = this.#search(method, path)
      if (this.#found.size >= 1000) this.#found.clear()
      this.#found.set(key, found)
    }
    return found
  }

  #search(method: string, path: string): Found {
    for (const { route, pattern } of this.#routes) {
      if (route.method !== method) continue
      const match = pattern.exec(path)
      if (match) {
        const params = Object.fromEntries(
          Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
        )
        return { route, params }
      }
    }
    return NOTHING
  }
}

/** A trailing slash is as good as none. */
function compile(path: string): RegExp {
  const pattern = path.replace(/[.+*?^${}()|[\]\\]/g, '\\$&').replace(/:(\w+)/g, '(?<$1>[^/]+)')
  return new RegExp(`^${pattern}/?$`)
}
