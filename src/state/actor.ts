import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Who does something, for the audit: `user:NAME`, `source:CONNECTOR` for what a source told us to do, or one of
 * {@link ACTORS}. Null: the program by itself, such as a scheduled run.
 */
export type Actor = `user:${string}` | `source:${string}` | (typeof ACTORS)[number]

/** The command line of the machine; a page of a machine that nobody must sign in at; the link that makes the first user. */
export const ACTORS = ['command_line', 'machine', 'setup_link'] as const

const actors = new AsyncLocalStorage<Actor>()

/** Does work in someone's name: what is audited on the way, however deep, says who it was. */
export function actingAs<T>(actor: Actor, work: () => T): T {
  return actors.run(actor, work)
}

/** Who is at work; null = the program by itself. */
export function currentActor(): Actor | null {
  return actors.getStore() ?? null
}
