/** The one line that adds a connector. */
export const CONNECTORS = {
  'tiny-connector': () => import('./index.ts').then((module) => module.default),
} as const
