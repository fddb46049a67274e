import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../db/database.ts'
import { RoiError } from '../errors.ts'
import type { State } from '../state/state.ts'
import { inTurn } from './queue.ts'

/** A lease of a process that was killed ends after this time; one at work renews it three times as often. */
export const LEASE_MS = 30_000
const RENEW_MS = LEASE_MS / 3
/** Long enough for the lease of a killed process to end: the same command, started again, then simply works. */
const WAIT_MS = LEASE_MS + 5_000
const LOOK_MS = 250

export interface LeaseOptions {
  /** Milliseconds to wait for whoever holds it; default a little longer than a killed process holds one. */
  readonly wait?: number
  readonly signal?: AbortSignal | undefined
}

/** What an unavailable lease means to people. */
type Busy = () => RoiError

/**
 * Runs work while holding a lease, renewed until it ends.
 * @param work is told to stop by its signal when the lease is lost all the same, because this process stood still
 * @throws RoiError `busy` when someone else holds it for longer than we wait
 */
export async function leased<T>(
  state: State,
  name: string,
  busy: Busy,
  work: (signal: AbortSignal) => Promise<T>,
  { wait = WAIT_MS, signal }: LeaseOptions = {},
): Promise<T> {
  const holder = randomUUID()
  const deadline = performance.now() + wait
  while (!(await state.lease(name, holder, LEASE_MS))) {
    if (performance.now() >= deadline) throw busy()
    await sleep(LOOK_MS, undefined, signal && { signal })
  }
  const lost = new AbortController()
  const renewing = renew(state, name, holder, lost)
  try {
    return await work(signal ? AbortSignal.any([signal, lost.signal]) : lost.signal)
  } finally {
    await renewing.stop()
    // Should the store be away, it ends by itself.
    await state.release(name, holder).catch(() => undefined)
  }
}

function renew(state: State, name: string, holder: string, lost: AbortController) {
  let last: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    last = state.lease(name, holder, LEASE_MS).then(
      (held) => {
        if (!held) lost.abort(leaseLost())
      },
      // The store may be back before the lease ends; if not, the next answer tells.
      () => undefined,
    )
  }, RENEW_MS)
  return {
    stop: () => {
      clearInterval(timer)
      return last
    },
  }
}

/**
 * Runs what changes a workspace's records as a whole, alone: in turn within this process, and by the lease
 * `workspace/<tenant>` among all processes on the stores.
 * @throws RoiError `workspace_busy` when another process is at work there for longer than we wait
 */
export function alone<T>(
  { database, state }: { readonly database: Database; readonly state: State },
  tenant: number,
  work: (signal: AbortSignal) => Promise<T>,
  options: LeaseOptions = {},
): Promise<T> {
  return inTurn(database, tenant, () => leased(state, `workspace/${tenant}`, workspaceBusy, work, options))
}

function workspaceBusy(): RoiError {
  return new RoiError(
    'unavailable',
    'workspace_busy',
    {
      en: 'Another process is importing into this workspace or rebuilding it. Nothing was changed.',
      'zh-CN': '另一个进程正在向该工作区导入数据或重建数据。未作任何更改。',
    },
    { en: 'Run it again when that one has ended.', 'zh-CN': '请在其结束后重新运行。' },
  )
}

function leaseLost(): RoiError {
  return new RoiError(
    'unavailable',
    'lease_lost',
    {
      en: 'This process stood still for so long that another one has taken over the workspace.',
      'zh-CN': '本进程停顿时间过长，工作区已由另一个进程接管。',
    },
    { en: 'Run it again: it goes on from where it stopped.', 'zh-CN': '请重新运行，将从中断处继续。' },
  )
}
