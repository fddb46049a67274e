import type { State } from './state.ts'

/** What may end somebody's access: who is let in is asked again after each of them. */
const ENDING = [
  'endSession',
  'addUser',
  'changeUser',
  'removeUser',
  'editConnection',
  'removeConnection',
] as const satisfies readonly (keyof State)[]

/** The state store, telling this process when somebody may have lost access. Other processes look for themselves. */
export function watched(state: Omit<State, 'onAccessChange'>): State {
  const listeners = new Set<() => void>()
  const telling = (name: (typeof ENDING)[number]) => {
    const method = state[name] as (...call: unknown[]) => Promise<unknown>
    return async (...call: unknown[]) => {
      const answer = await method(...call)
      for (const listener of listeners) listener()
      return answer
    }
  }
  return {
    ...state,
    ...(Object.fromEntries(ENDING.map((name) => [name, telling(name)])) as Pick<State, (typeof ENDING)[number]>),
    onAccessChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
