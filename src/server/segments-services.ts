import type { SavedSegments } from '../api/segments.ts'
import { segments, withSegment } from '../metrics/segments.ts'
import type { ImportEnv } from '../sync/import.ts'
import type { Services } from './services.ts'
import { findWorkspace } from './workspaces.ts'

type Commands = 'segments' | 'saved_segments' | 'set_segment' | 'remove_segment'

/** Saved parts of the data and what came back of each (F94). */
export function segmentServices({ database, state }: Pick<ImportEnv, 'database' | 'state'>): Pick<Services, Commands> {
  const find = (request: { workspace?: string }) => findWorkspace(state, request.workspace)
  const saved = async (tenant: number): Promise<SavedSegments> => {
    const all = await state.segments(tenant)
    return all.map(({ name, where }) => ({
      name,
      where: where.map(({ dimension, is }) => ({ dimension, is: [...is] })),
    }))
  }
  return {
    async segments(request) {
      const workspace = await find(request)
      const all = await state.segments(workspace.tenant)
      const { locale = workspace.settings.locale, model = workspace.settings.model, ...question } = request
      const query = { ...withSegment(question, all), workspace: workspace.key, model }
      return segments(database, workspace, query, all, locale)
    },
    async saved_segments(request) {
      return saved((await find(request)).tenant)
    },
    async set_segment(request) {
      const { tenant } = await find(request)
      const { name, where, reason } = request
      await state.saveSegment(tenant, { name, where }, reason)
      return saved(tenant)
    },
    async remove_segment(request) {
      const { tenant } = await find(request)
      await state.removeSegment(tenant, request.name, request.reason)
      return saved(tenant)
    },
  }
}
