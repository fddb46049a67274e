/**
 * What stands below the core or is shown on request only, as a chunk of its own: findings, the drawer with its data,
 * the tables behind the ranges. It is fetched as soon as the figures are there, so that nothing waits for it.
 */
export { compareTable } from './blocks/compare.ts'
export { drawer } from './blocks/drawer.ts'
export { findingsBlock } from './blocks/findings.ts'
export { spreadTable } from './blocks/spread-table.ts'
export { DrawerData } from './drawer-data.ts'
export { details as styles } from './styles/details.ts'
