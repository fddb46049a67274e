/** The registry: one line per connector, loaded on first use. */
export const CONNECTORS = {
  files: () => import('./files/index.ts').then((module) => module.default),
  hubspot: () => import('./hubspot/index.ts').then((module) => module.default),
  rates: () => import('./rates/index.ts').then((module) => module.default),
} as const

export type ConnectorId = keyof typeof CONNECTORS
