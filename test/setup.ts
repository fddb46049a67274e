import { POSTGRES_VARIABLE, startPostgres } from './support/postgres.ts'

/** One PostgreSQL server for all test files. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await startPostgres()
  process.env[POSTGRES_VARIABLE] = server.url
  return () => server.stop()
}
