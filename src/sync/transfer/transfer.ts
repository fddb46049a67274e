import { recompute } from '../../attribution/recompute.ts'
import type { Database } from '../../db/database.ts'
import { isRoiError } from '../../errors.ts'
import type { Workspace } from '../../model/settings.ts'
import {
  addStateRows,
  COPIED_STATE,
  clearState,
  countState,
  isBareState,
  type StateTable,
  stateRows,
} from '../../state/copy.ts'
import type { StateEngine } from '../../state/sql.ts'
import { MIGRATION, type State } from '../../state/state.ts'
import { applyCloses } from '../closed.ts'
import { keepFile, openKept, verifyKept } from '../files.ts'
import { alone } from '../lease.ts'
import { appliedImport } from '../store.ts'
import { attributionSettings } from '../workspace.ts'
import { Digest } from './digest.ts'
import { notEqual, sourceIncomplete, sourceUnsettled, targetNotEmpty } from './errors.ts'
import {
  addFactRows,
  COPIED_FACTS,
  clearFacts,
  countFacts,
  type FactTable,
  factRows,
  isComputed,
  isEmptyFacts,
} from './facts.ts'

/** A pair of open stores, either end of a migration. */
export interface Stores {
  readonly database: Database
  readonly engine: StateEngine
  /** Over the engine, with its own keys. */
  readonly state: State
  /** Kept import files are below it. */
  readonly dataDir: string
}

export interface TransferOptions {
  /** Keys of workspaces; all of them when it is undefined. */
  readonly workspaces?: readonly Workspace[] | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined
  /** Every figure of a workspace as one text; the same on both ends or the migration has failed. */
  readonly figures: (database: Database, workspace: Workspace) => AsyncIterable<Figure>
}

/** A report, and what it is called. */
export interface Figure {
  readonly name: string
  readonly text: string
}

export interface TransferProgress {
  readonly step: 'copy' | 'recompute' | 'check'
  readonly workspace: string
  /** Table or report. */
  readonly what: string
  /** Rows of all tables so far, and of how many; both ends count. */
  readonly rows: number
  readonly total: number
}

export interface TransferResult {
  readonly dry_run: boolean
  readonly workspaces: readonly {
    readonly workspace: string
    /** Rows by table: facts, then state. */
    readonly rows: Readonly<Record<string, number>>
    readonly secrets: number
    /** Reports that were compared. */
    readonly reports: number
  }[]
  /** Kept import files: copied, or to be copied; 0 when both ends share a directory. */
  readonly files: number
  /** Kept import files that are gone or damaged at the source. Their imports are copied, but cannot be replayed. */
  readonly files_missing: number
}

/**
 * Copies workspaces from one pair of stores to another, works out the rest there and checks that both ends hold the same
 * rows and give the same figures. The source is only read. Until everything is checked the target is marked as
 * incomplete and no program opens it; after a kill the same call starts over.
 * @param to none = only counts what would be copied
 * @throws RoiError `target_not_empty`, `source_unsettled`, `source_incomplete`, `migration_differs`, `workspace_busy`
 */
export async function transfer(
  from: Stores,
  to: Stores | undefined,
  options: TransferOptions,
): Promise<TransferResult> {
  if ((await from.state.marked(MIGRATION)) !== null) throw sourceIncomplete()
  const workspaces = options.workspaces ?? (await from.state.workspaces())
  for (const workspace of workspaces) await checkSettled(from, workspace)
  const counted = await count(from, workspaces, options.signal)
  if (!to) {
    const { workspaces, files, files_missing } = counted
    return { dry_run: true, workspaces, files, files_missing }
  }
  await prepare(to)
  const job = new Transfer(from, to, options, counted)
  const done = []
  for (const workspace of workspaces) {
    const move = () => job.move(workspace)
    // An embedded store is open here and nowhere else.
    const shared = from.database.profile.kind !== 'embedded'
    done.push(await (shared ? alone(from, workspace.tenant, move, { signal: options.signal }) : move()))
  }
  for (const name of counted.names) await job.copyFile(name)
  await to.database.recluster()
  await to.state.mark(MIGRATION, null)
  const { files, files_missing } = counted
  return { dry_run: false, workspaces: done, files: from.dataDir === to.dataDir ? 0 : files, files_missing }
}

/** What a start of the program would still finish would make the two ends differ. */
async function checkSettled({ database, state }: Stores, workspace: Workspace): Promise<void> {
  const runs = await state.imports(workspace.tenant)
  const last = runs.findLastIndex(({ status }) => status === 'done')
  const applied = last < 0 ? null : await appliedImport(database, workspace.tenant)
  const lost = last >= 0 && runs.findIndex(({ id }) => id === applied) < last
  const open = runs.some(({ status }) => status === 'running' || status === 'undoing')
  if (open || lost || !(await isComputed(database, workspace.tenant))) throw sourceUnsettled(workspace.key)
}

interface Counted extends Pick<TransferResult, 'workspaces' | 'files' | 'files_missing'> {
  /** Names of the kept files that are whole. */
  readonly names: readonly string[]
}

async function count(from: Stores, workspaces: readonly Workspace[], signal?: AbortSignal): Promise<Counted> {
  const { database, engine, state, dataDir } = from
  const counted = []
  const referred = new Set<string>()
  for (const { key, tenant } of workspaces) {
    const rows: Record<string, number> = {}
    for (const table of COPIED_FACTS) rows[table.name] = await countFacts(database, table, tenant)
    for (const table of COPIED_STATE) rows[table.name] = await countState(engine, table, tenant)
    let secrets = 0
    for (const { id } of await state.connections(tenant)) secrets += Object.keys(await state.secrets(id)).length
    counted.push({ workspace: key, rows, secrets, reports: 0 })
    for (const { files } of await state.imports(tenant)) for (const { sha256 } of files) referred.add(sha256)
  }
  const names = []
  for (const name of referred) if (await isWhole(dataDir, name, signal)) names.push(name)
  return { workspaces: counted, names, files: names.length, files_missing: referred.size - names.length }
}

async function isWhole(dataDir: string, name: string, signal?: AbortSignal): Promise<boolean> {
  try {
    await verifyKept(dataDir, name, signal)
    return true
  } catch (error) {
    if (isRoiError(error) && error.code.startsWith('kept_file_')) return false
    throw error
  }
}

/** Takes an empty target, or one that an earlier attempt began to fill. */
async function prepare({ database, engine, state }: Stores): Promise<void> {
  const begun = (await state.marked(MIGRATION)) !== null
  if (!begun && !((await isBareState(engine)) && (await isEmptyFacts(database)))) throw targetNotEmpty()
  await state.mark(MIGRATION, { begun_at: new Date().toISOString() })
  await clearState(engine)
  await clearFacts(database)
}

class Transfer {
  readonly #from: Stores
  readonly #to: Stores
  readonly #options: TransferOptions
  readonly #total: number
  #rows = 0

  constructor(from: Stores, to: Stores, options: TransferOptions, counted: Counted) {
    this.#from = from
    this.#to = to
    this.#options = options
    const all = counted.workspaces.flatMap(({ rows }) => Object.values(rows))
    // Once to copy, once to check.
    this.#total = 2 * all.reduce((sum, rows) => sum + rows, 0)
  }

  async move(workspace: Workspace): Promise<TransferResult['workspaces'][number]> {
    const [from, to] = [this.#from, this.#to]
    const rows: Record<string, number> = {}
    for (const table of COPIED_STATE) rows[table.name] = await this.#copyState(workspace, table)
    const secrets = await this.#copySecrets(workspace)
    const facts: Record<string, number> = {}
    for (const table of COPIED_FACTS) facts[table.name] = await this.#copyFacts(workspace, table)
    this.#tell('recompute', workspace, '')
    const moved = (await to.state.workspaces()).find(({ tenant }) => tenant === workspace.tenant)
    if (!moved) throw notEqual(workspace.key, 'workspace')
    await recompute(to.database, moved.tenant, attributionSettings(moved.settings), true)
    await applyCloses(to.database, to.state, moved.tenant)
    const reports = await this.#compare(workspace, moved)
    await checkSettled(from, workspace)
    return { workspace: workspace.key, rows: { ...facts, ...rows }, secrets, reports }
  }

  async #copyState(workspace: Workspace, table: StateTable): Promise<number> {
    const { tenant } = workspace
    const { engine } = this.#to
    return this.#copy(workspace, table.name, {
      read: () => stateRows(this.#from.engine, table, tenant),
      write: (rows) => addStateRows(engine, table, rows),
      reread: () => stateRows(engine, table, tenant),
    })
  }

  async #copyFacts(workspace: Workspace, table: FactTable): Promise<number> {
    const { tenant } = workspace
    const { database } = this.#to
    return this.#copy(workspace, table.name, {
      read: () => factRows(this.#from.database, table, tenant),
      write: (rows) => addFactRows(database, table, rows),
      reread: () => factRows(database, table, tenant),
    })
  }

  /** Copies a table in batches and reads it again. */
  async #copy<Row extends Readonly<Record<string, unknown>>>(
    workspace: Workspace,
    name: string,
    table: {
      readonly read: () => AsyncIterable<Row[]>
      readonly write: (rows: Row[]) => Promise<void>
      readonly reread: () => AsyncIterable<Row[]>
    },
  ): Promise<number> {
    const [sent, found] = [new Digest(), new Digest()]
    for await (const rows of table.read()) {
      for (const row of rows) sent.add(row)
      await table.write(rows)
      this.#step('copy', workspace, name, rows.length)
    }
    for await (const rows of table.reread()) {
      for (const row of rows) found.add(row)
      this.#step('check', workspace, name, rows.length)
    }
    if (String(sent) !== String(found)) throw notEqual(workspace.key, name)
    return sent.rows
  }

  /** Opens every secret with the source's keys and seals it with the target's. */
  async #copySecrets(workspace: Workspace): Promise<number> {
    let copied = 0
    for (const { id } of await this.#from.state.connections(workspace.tenant)) {
      const secrets = await this.#from.state.secrets(id)
      await this.#to.state.changeSecrets(id, secrets)
      const found = await this.#to.state.secrets(id)
      const names = Object.keys(secrets)
      const equal = names.every((name) => found[name] === secrets[name])
      if (!equal || Object.keys(found).length !== names.length) throw notEqual(workspace.key, 'secret')
      copied += names.length
    }
    return copied
  }

  async #compare(workspace: Workspace, moved: Workspace): Promise<number> {
    const { figures } = this.#options
    const expected = figures(this.#from.database, workspace)[Symbol.asyncIterator]()
    let compared = 0
    for await (const { name, text } of figures(this.#to.database, moved)) {
      this.#tell('check', workspace, name)
      const figure = await expected.next()
      if (figure.done || figure.value.name !== name || figure.value.text !== text) throw notEqual(workspace.key, name)
      compared += 1
    }
    return compared
  }

  async copyFile(name: string): Promise<void> {
    const [from, to] = [this.#from.dataDir, this.#to.dataDir]
    if (from !== to) await keepFile(to, await openKept(from, name), { signal: this.#options.signal })
  }

  #step(step: TransferProgress['step'], workspace: Workspace, what: string, rows: number): void {
    this.#rows += rows
    this.#tell(step, workspace, what)
  }

  #tell(step: TransferProgress['step'], workspace: Workspace, what: string): void {
    this.#options.signal?.throwIfAborted()
    this.#options.onProgress?.({ step, workspace: workspace.key, what, rows: this.#rows, total: this.#total })
  }
}
