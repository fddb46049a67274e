import { fromJson, type Store } from './sql.ts'
import type { State } from './state.ts'

/** What is to be known of the store as a whole. */
export function markStore({ engine }: Store): Pick<State, 'mark' | 'marked'> {
  return {
    mark(name, value) {
      return engine.transaction(async (sql) => {
        await sql.run('DELETE FROM mark WHERE name = $1', name)
        if (value !== null) await sql.run('INSERT INTO mark VALUES ($1, $2)', name, JSON.stringify(value))
      })
    },

    async marked(name) {
      const [row] = await engine.all<{ value: string }>('SELECT value FROM mark WHERE name = $1', name)
      return fromJson(row?.value ?? null)
    },
  }
}
