import type { Correction as Shown } from '../api/corrections.ts'
import { recompute } from '../attribution/recompute.ts'
import type { Database } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { surrogate } from '../model/ids.ts'
import type { Workspace } from '../model/settings.ts'
import type { Correction } from '../state/corrections.ts'
import type { State } from '../state/state.ts'
import { resolveCorrection } from '../sync/correct.ts'
import { pullCorrections } from '../sync/corrections.ts'
import { attributionSettings } from '../sync/workspace.ts'
import type { Services } from './services.ts'
import { findWorkspace } from './workspaces.ts'

const TOUCHES = sql('sync/sql/corrected-touches.sql')

/** Touches that people correct (F54): left out, or moved to another channel or campaign. */
export function correctionServices({
  database,
  state,
}: {
  readonly database: Database
  readonly state: State
}): Pick<Services, 'corrections' | 'correct' | 'revoke_correction'> {
  /** The state store has it; the facts follow, and only what it touches is computed anew. */
  const takeEffect = async (workspace: Workspace, correction: Correction) => {
    await pullCorrections({ database, state }, workspace)
    const { outcomes } = await recompute(database, workspace.tenant, attributionSettings(workspace.settings))
    const [shown] = await show(database, workspace, [correction])
    return { correction: shown!, outcomes }
  }
  return {
    async corrections(request) {
      const workspace = await findWorkspace(state, request.workspace)
      const found = await state.corrections(workspace.tenant, request.all)
      return { workspace: workspace.key, corrections: await show(database, workspace, found) }
    },
    async correct(request) {
      const workspace = await findWorkspace(state, request.workspace)
      const correction = await resolveCorrection(database, workspace, request)
      return takeEffect(workspace, await state.addCorrection(workspace.tenant, correction))
    },
    async revoke_correction(request) {
      const workspace = await findWorkspace(state, request.workspace)
      return takeEffect(workspace, await state.revokeCorrection(workspace.tenant, request.id))
    },
  }
}

async function show(database: Database, { tenant }: Workspace, corrections: readonly Correction[]): Promise<Shown[]> {
  const idOf = ({ touch }: Correction) => surrogate('touch', touch.source, touch.id)
  const rows = await database.query<{ id: bigint; occurred_at: number; kind: string | null }>(TOUCHES, [
    tenant,
    corrections.map(idOf).join(','),
  ])
  const touches = new Map(rows.map((row) => [row.id, row]))
  return corrections.map((correction) => {
    const { id, touch, action, channel, campaign, reason, was, author, at, revokedAt, revokedBy } = correction
    const there = touches.get(idOf(correction))
    return {
      id,
      touch: {
        ...touch,
        occurred_at: there ? new Date(there.occurred_at).toISOString() : null,
        kind: there?.kind ?? null,
      },
      action,
      channel,
      campaign,
      reason,
      was,
      author,
      at: at.toISOString(),
      revoked_at: revokedAt?.toISOString() ?? null,
      revoked_by: revokedBy,
    }
  })
}
