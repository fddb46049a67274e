import { isRoiError } from '../errors.ts'
import type { Log } from '../log.ts'
import { findOwner } from '../server/owner.ts'
import type { AskOf, CommandName, RequestOf } from '../server/requests.ts'
import { type Answers, type Feedback, QUIET, type Services } from '../server/services.ts'
import { actingAs } from '../state/actor.ts'
import type { Output } from './output.ts'
import type { Place } from './place.ts'

/** The product as a command sees it: opened here, or in the `serve` that has the data directory open. */
export interface Session {
  /** @throws RoiError of the command; `bad_request` when the request is not valid */
  call<Name extends CommandName>(name: Name, ask: AskOf<Name>, feedback?: Partial<Feedback>): Promise<Answers[Name]>
  close(): Promise<void>
}

/** How long a command waits for another one that has the store open, and how often it looks. */
const WAIT_MS = 5000
const LOOK_MS = 200

/**
 * Finds the owner of a data directory, or opens the stores.
 * @throws RoiError `store_locked` when another process has them open and cannot be asked
 */
export async function openSession(place: Place, log: Log, output: Output, signal: AbortSignal): Promise<Session> {
  const { dataDir } = place.config
  for (const deadline = Date.now() + WAIT_MS; ; ) {
    const owner = await findOwner(dataDir)
    if (owner) return (await import('./remote.ts')).remoteSession(owner)
    try {
      const { openApp } = await import('../app.ts')
      const app = await openApp(place.config, { log, demo: place.demo, signal })
      for (const notice of app.notices) output.warn(notice)
      return localSession(app, () => app.close())
    } catch (error) {
      // Another command may be about to end, or a serve about to say where it listens.
      const locked = isRoiError(error) && error.code === 'store_locked'
      if (!locked || Date.now() > deadline || signal.aborted) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

/** A session on stores of this process. */
export function localSession(services: Services, close: () => Promise<void>): Session {
  return {
    async call(name, ask, feedback) {
      const { parseRequest } = await import('./request.ts')
      const method = services[name] as (
        request: RequestOf<typeof name>,
        feedback: Feedback,
      ) => Promise<Answers[typeof name]>
      const request = parseRequest(name, ask)
      return actingAs('command_line', () => method(request, { ...QUIET, ...feedback }))
    },
    close,
  }
}
