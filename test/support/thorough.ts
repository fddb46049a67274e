/** Set by CI, which has more time than a person who waits: `THOROUGH=1 npm test`. */
const THOROUGH = process.env.THOROUGH === '1'

/** How often something random or repetitive is done. */
export function times(quick: number, thorough: number): number {
  return THOROUGH ? thorough : quick
}
