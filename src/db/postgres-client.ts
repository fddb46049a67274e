import { Client, type ClientConfig, Pool, type PoolClient, type PoolConfig } from 'pg'

export interface PoolOptions {
  /** Most connections. */
  readonly max: number
  /** Milliseconds until an unreachable server is given up; default 10 seconds. */
  readonly connectTimeout?: number | undefined
  /** Values from their texts, by the server's type number. */
  readonly parse: (oid: number) => (text: string) => unknown
  /** What each new connection is told before its first use. */
  readonly session: (client: Pick<PoolClient, 'query'>) => Promise<void>
  /** Told when the server ends an idle connection. The next statement opens another one. */
  readonly onIdleError?: ((error: Error) => void) | undefined
}

/** A pool that outlives its connections: one that the server ends, idle or not, never ends the process. */
export function poolOf(url: string, options: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: url,
    Client: connecting(options.connectTimeout ?? 10_000),
    idleTimeoutMillis: 300_000,
    fallback_application_name: 'roi-panel',
    keepAlive: true,
    types: { getTypeParser: options.parse } as NonNullable<PoolConfig['types']>,
    max: options.max,
    onConnect: options.session,
  })
  pool.on('error', (error) => options.onIdleError?.(error))
  // The pool listens only while a connection is idle; lost between two statements it would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** What a connection that has ended answers with: the server was restarted, or closed it while it was idle. */
const LOST =
  /^(57P01|57P02|ECONNRESET|EPIPE|ETIMEDOUT)|connection terminated|connection error and is not queryable|client was closed/i

/**
 * Runs the first statement on a connection of the pool. One that has died unnoticed in the pool is replaced, so that a
 * restart of the server costs nothing; `first` must be repeatable. A server that is away fails at once.
 */
export async function withConnection<T>(pool: Pool, first: (client: PoolClient) => Promise<T>): Promise<T> {
  for (let left = pool.options.max; ; left -= 1) {
    const client = await pool.connect()
    try {
      return await first(client)
    } catch (error) {
      const lost = isLost(error)
      client.release(lost)
      if (!lost || left <= 0) throw error
    }
  }
}

function isLost(error: unknown): boolean {
  return error instanceof Error && LOST.test(`${'code' in error ? String(error.code) : ''} ${error.message}`.trim())
}

/**
 * The driver's client, except that a connection that could not be opened is closed: left half open it would hold the
 * process, and a server waiting for the rest of a login can create or drop no database. The time limit is the client's
 * and not the pool's, which would also count the wait for a free connection.
 */
function connecting(timeout: number): new (config?: ClientConfig) => Client {
  return class extends Client {
    constructor(config?: ClientConfig) {
      super({ ...config, connectionTimeoutMillis: timeout })
    }

    override connect(): Promise<Client>
    override connect(callback: Connected): void
    override connect(callback?: Connected): Promise<Client> | undefined {
      const connected = super.connect().catch((error: unknown) => {
        this.end(() => undefined)
        throw error
      })
      if (!callback) return connected
      connected.then(() => (callback as (error: null, client: Client) => void)(null, this), callback as Failed)
      return undefined
    }
  }
}

type Failed = (error: Error) => void
type Connected = Failed | ((error: null, client: Client) => void)
