import { basename, join } from 'node:path'
import type { Config } from '../config.ts'
import { DEMO_SETS } from '../demo/sets.ts'

/** Which data directory a workspace lives in. */
export interface Place {
  readonly config: Config
  readonly demo: boolean
}

const FOLDER = 'demo'

/** The demo has a data directory of its own inside the user's, always embedded, so it never mixes with real data. */
export function demoPlace(config: Config): Place {
  const inside = basename(config.dataDir) === FOLDER
  const dataDir = inside ? config.dataDir : join(config.dataDir, FOLDER)
  return { config: { ...config, dataDir, databaseUrl: undefined }, demo: true }
}

/** The demo's workspaces live with the demo, wherever a command runs; all others in the data directory itself. */
export function placeOf(config: Config, workspace: string): Place {
  return DEMO_SETS.some((set) => set.workspace === workspace) ? demoPlace(config) : { config, demo: false }
}
