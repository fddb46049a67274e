import { recompute } from '../attribution/recompute.ts'
import { isRoiError, RoiError } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import type { ImportFile, ImportRun } from '../state/state.ts'
import { pullCorrections } from './corrections.ts'
import { restoreErasures } from './erase.ts'
import { FILE_TYPES, TABLE_OF } from './file-connector.ts'
import { sweepKept } from './files.ts'
import { asOfNow, type ImportEnv } from './import.ts'
import { alone, type LeaseOptions } from './lease.ts'
import { pullManual, pullManualAgain } from './manual.ts'
import { prune } from './prune.ts'
import { markAll, removeOthers } from './remove.ts'
import { Replay } from './replay.ts'
import type { Progress } from './runner.ts'
import { appliedImport, forgetApplied, forgetCursors, markApplied, type Origin } from './store.ts'
import { attributionSettings } from './workspace.ts'

export interface RebuildOptions extends LeaseOptions {
  readonly onProgress?: ((file: ImportFile, progress: Progress) => void) | undefined
}

/** What an undo did to the records of a workspace. */
export interface Undone {
  readonly id: string
  /** Rows that only the undone import had. */
  readonly removed: number
  /** Rows that went back to what an earlier or later import says. */
  readonly restored: number
}

/**
 * Makes the facts what they would be if an import had never happened: the other imports of the same file types are
 * replayed, and what none of them has is removed. A killed undo is finished by {@link finishInterrupted}.
 * @throws RoiError `unknown_import`, `already_undone`, `nothing_to_undo`, `workspace_busy`; `kept_file_missing` and
 *   `kept_file_damaged` before anything is changed
 */
export function undoImport(
  env: ImportEnv,
  workspace: Workspace,
  importId: string,
  options: RebuildOptions = {},
): Promise<Undone> {
  return alone(
    env,
    workspace.tenant,
    async (signal) => {
      const run = await env.state.findImport(workspace.tenant, importId)
      if (!run) throw unknownImport(importId)
      if (run.status === 'undone') throw alreadyUndone(importId)
      if (run.status === 'failed') throw nothingToUndo(importId)
      return undo(env, await asOfNow(env, workspace), run, { ...options, signal })
    },
    options,
  )
}

async function undo(env: ImportEnv, workspace: Workspace, run: ImportRun, options: RebuildOptions): Promise<Undone> {
  const { database, state } = env
  const others = (await replayable(env, workspace)).filter((other) => other.id !== run.id)
  const replay = new Replay(env, originOf(env, workspace), new Set(run.files.map((file) => file.type)))
  await replay.verify(others, options.signal)
  if (run.status !== 'undoing') await state.endImport(run.id, { status: 'undoing' })
  const restored = await replay.run(others, options.signal, options.onProgress)
  const removed = await database.write(async (tx) => {
    let rows = 0
    for (const [table, ids] of replay.kept()) rows += await removeOthers(tx, originOf(env, workspace), table, ids)
    await forgetCursors(tx, workspace.tenant, run.id)
    return rows
  })
  await pullManualAgain(env, workspace)
  await recompute(database, workspace.tenant, attributionSettings(workspace.settings))
  await database.write((tx) => prune(tx, workspace.tenant))
  await state.endImport(run.id, { status: 'undone' })
  return { id: run.id, removed, restored }
}

/**
 * Forgets all facts of file imports and replays the imports from the kept files: when the fact file was damaged or
 * lost. An import that was being undone is undone by it.
 * @returns how many records there are now
 * @throws RoiError `kept_file_missing`, `kept_file_damaged`: before anything is changed; `workspace_busy`
 */
export function rebuild(env: ImportEnv, workspace: Workspace, options: RebuildOptions = {}): Promise<number> {
  return alone(env, workspace.tenant, (signal) => replayAll(env, workspace, { ...options, signal }), options)
}

async function replayAll(env: ImportEnv, given: Workspace, options: RebuildOptions): Promise<number> {
  const workspace = await asOfNow(env, given)
  const { database, state } = env
  const { tenant, settings } = workspace
  const runs = await replayable(env, workspace)
  const replay = new Replay(env, originOf(env, workspace), FILE_TYPES)
  await replay.verify(runs, options.signal)
  await database.write(async (tx) => {
    // Without the mark a killed rebuild is known to be unfinished.
    await forgetApplied(tx, tenant)
    for (const table of Object.values(TABLE_OF)) await removeOthers(tx, originOf(env, workspace), table, [])
    await prune(tx, tenant)
    await markAll(tx, tenant)
  })
  const records = await replay.run(runs, options.signal, options.onProgress)
  const last = runs.at(-1)
  if (last) await database.write((tx) => markApplied(tx, tenant, last.id))
  await pullManualAgain(env, workspace)
  await recompute(database, tenant, attributionSettings(settings), true)
  await database.recluster()
  for (const run of await state.imports(tenant)) {
    if (run.status === 'undoing') await state.endImport(run.id, { status: 'undone' })
  }
  return records
}

/** What {@link finishInterrupted} found and did. */
export interface Finished {
  /** Ids of imports that were cut off; the same import command continues them. */
  readonly interrupted: readonly string[]
  /** Ids of imports whose undo was finished. */
  readonly undone: readonly string[]
  /** Keys of workspaces whose facts were replayed, because the fact store had lost them. */
  readonly rebuilt: readonly string[]
  /** Keys of workspaces that another process works in, or was killed in a moment ago; worth another look later. */
  readonly busy: readonly string[]
  /** What could not be finished; the next start tries again. */
  readonly failures: readonly { readonly workspace: string; readonly error: unknown }[]
}

interface Found {
  readonly interrupted: string[]
  readonly undone: string[]
  readonly rebuilt: string[]
  readonly busy: string[]
  readonly failures: { workspace: string; error: unknown }[]
}

/**
 * Puts in order what a kill left behind: for the start of the program, before it imports anything itself.
 * Imports that were running are marked as interrupted, undos are finished, facts that are missing are replayed, ledgers
 * are brought up to date, left-over copies of files are removed. A workspace that another process works in is left to
 * that process: whoever imports or rebuilds holds its lease, so what is unfinished while nobody does was cut off.
 */
export async function finishInterrupted(env: ImportEnv): Promise<Finished> {
  const found: Found = { interrupted: [], undone: [], rebuilt: [], busy: [], failures: [] }
  // Whoever has the embedded store open is alone on it: leases of others are those of processes that were killed.
  const embedded = env.database.profile.kind === 'embedded'
  if (embedded) await env.state.endLeases()
  for (const workspace of await env.state.workspaces()) {
    try {
      await alone(env, workspace.tenant, (signal) => finishWorkspace(env, workspace, found, signal), { wait: 0 })
    } catch (error) {
      if (isRoiError(error) && error.code === 'workspace_busy') found.busy.push(workspace.key)
      else found.failures.push({ workspace: workspace.key, error })
    }
  }
  // A store shared by processes may be in the middle of an import elsewhere.
  if (embedded) await sweepKept(env.dataDir, await env.state.keptFiles())
  return found
}

async function finishWorkspace(env: ImportEnv, given: Workspace, found: Found, signal: AbortSignal): Promise<void> {
  const { database, state } = env
  const workspace = await asOfNow(env, given)
  await restoreErasures(database, state, workspace.tenant)
  const runs = await state.imports(workspace.tenant)
  for (const run of runs.filter(({ status }) => status === 'running')) {
    await state.endImport(run.id, { status: 'interrupted' })
    found.interrupted.push(run.id)
  }
  const undoing = runs.filter(({ status }) => status === 'undoing')
  if (await isLost(env, workspace, runs)) {
    await replayAll(env, workspace, { signal })
    found.rebuilt.push(workspace.key)
  } else for (const run of undoing) await undo(env, workspace, run, { signal })
  found.undone.push(...undoing.map(({ id }) => id))
  await pullManual(env, workspace)
  await pullCorrections(env, workspace)
  await recompute(database, workspace.tenant, attributionSettings(workspace.settings))
}

/** True when finished imports are not in the fact store: it is new, restored from an old copy, or half rebuilt. */
async function isLost(env: ImportEnv, workspace: Workspace, runs: readonly ImportRun[]): Promise<boolean> {
  const last = runs.findLastIndex(({ status }) => status === 'done')
  if (last < 0) return false
  const applied = await appliedImport(env.database, workspace.tenant)
  return runs.findIndex(({ id }) => id === applied) < last
}

/** Imports whose rows count, in the order they took effect. An unfinished one counts as a whole. */
async function replayable(env: ImportEnv, workspace: Workspace): Promise<ImportRun[]> {
  const runs = await env.state.imports(workspace.tenant)
  return runs.filter(({ status }) => status === 'done' || status === 'interrupted' || status === 'running')
}

function originOf(env: ImportEnv, workspace: Workspace): Origin {
  return { tenant: workspace.tenant, source: env.connector.id, settings: workspace.settings }
}

function unknownImport(id: string): RoiError {
  return new RoiError(
    'not_found',
    'unknown_import',
    { en: `There is no import "${id.slice(0, 80)}".`, 'zh-CN': `没有编号为“${id.slice(0, 80)}”的导入。` },
    {
      en: 'The id was printed when the files were imported; it starts with imp_.',
      'zh-CN': '编号在导入时显示，以 imp_ 开头。',
    },
  )
}

function alreadyUndone(id: string): RoiError {
  return new RoiError('usage', 'already_undone', {
    en: `The import ${id} is undone already.`,
    'zh-CN': `导入 ${id} 已撤销。`,
  })
}

function nothingToUndo(id: string): RoiError {
  return new RoiError('usage', 'nothing_to_undo', {
    en: `The import ${id} failed before it wrote anything.`,
    'zh-CN': `导入 ${id} 在写入之前已失败，没有可撤销的内容。`,
  })
}
