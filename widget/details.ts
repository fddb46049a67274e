/**
 * What stands below the core or is shown on request only, as a chunk of its own: the empty state, findings, the drawer with its data,
 * the tables behind the ranges. It is fetched as soon as the figures are there, so that nothing waits for it.
 */
import type { Watched } from './live.ts'
import type { PanelState } from './panel-data.ts'

export { compareTable } from './blocks/compare.ts'
export { drawer } from './blocks/drawer.ts'
export { emptyState } from './blocks/empty.ts'
export { findingsBlock } from './blocks/findings.ts'
export { mismatchBand } from './blocks/mismatch.ts'
export { spreadTable } from './blocks/spread-table.ts'
export { DrawerData } from './drawer-data.ts'
export { details as styles } from './styles/details.ts'

/** Keeps the figures up to date from now on; see live.ts. */
export async function connect(element: Watched, { panel, stale }: PanelState): Promise<void> {
  try {
    const { watch } = await import('./live.ts')
    watch(element, (!stale && panel?.generated_at) || '')
  } catch {
    // Fetched again after the next load.
  }
}
