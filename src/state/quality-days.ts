import { fromJson, type Store } from './sql.ts'

/** The last quality check of a local day. */
export interface QualityDay {
  readonly day: string
  readonly at: Date
  /** What was found, as JSON. */
  readonly body: unknown
}

/** The part of the state store about quality over time. */
export interface QualityState {
  /** Keeps a check as the last one of its day. */
  noteQuality(tenant: number, day: string, body: unknown): Promise<void>
  /** Checks of the last days that have one, oldest first. */
  qualityDays(tenant: number, days: number): Promise<readonly QualityDay[]>
}

export function qualityStore({ engine, at }: Store): QualityState {
  return {
    noteQuality: (tenant, day, body) =>
      engine.run(
        `INSERT INTO quality_day (tenant_id, day, at, body) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, day) DO UPDATE SET at = excluded.at, body = excluded.body`,
        tenant,
        day,
        at(),
        JSON.stringify(body),
      ),

    async qualityDays(tenant, days) {
      const rows = await engine.all<{ day: string; at: string; body: string }>(
        'SELECT day, at, body FROM quality_day WHERE tenant_id = $1 ORDER BY day DESC LIMIT $2',
        tenant,
        days,
      )
      return rows.reverse().map(({ day, at: when, body }) => ({ day, at: new Date(when), body: fromJson(body) }))
    },
  }
}
