import type { Store } from './sql.ts'
import type { State } from './state.ts'

/** The right to do something alone. One statement each, so that two processes never both hold it. */
export function leaseStore({ engine, at }: Store): Pick<State, 'lease' | 'release' | 'endLeases'> {
  return {
    async lease(name, holder, milliseconds) {
      const now = engine.clock ? await engine.clock() : new Date(at())
      const until = new Date(now.getTime() + milliseconds)
      const held = await engine.all(
        `INSERT INTO lease (name, holder, expires_at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
         WHERE lease.holder = excluded.holder OR lease.expires_at <= $4
         RETURNING holder`,
        name,
        holder,
        until.toISOString(),
        now.toISOString(),
      )
      return held.length > 0
    },

    async release(name, holder) {
      await engine.run('DELETE FROM lease WHERE name = $1 AND holder = $2', name, holder)
    },

    endLeases() {
      return engine.run('DELETE FROM lease')
    },
  }
}
