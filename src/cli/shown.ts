import { plain } from './text.ts'

/** Characters of a value that are shown; `--json` has all of it. */
const SHOWN = 60

/** A value of a setting or a definition on one short line; `–` for none. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return '–'
  const text = plain(typeof value === 'string' ? value : JSON.stringify(value))
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text
}

/** What became another value, line by line. */
export function changeLines(
  changes: readonly { readonly path: string; readonly before?: unknown; readonly after?: unknown }[],
): string {
  return changes.map(({ path, before, after }) => `  ${path}: ${shown(before)} → ${shown(after)}\n`).join('')
}
