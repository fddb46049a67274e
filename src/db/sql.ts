import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const { resolve } = createRequire(import.meta.url)

/** Text of a SQL file under `src/`, through the package's `#sql/*` import: `sql('attribution/credit.sql')`. */
export function sql(file: string): string {
  return readFileSync(resolve(`#sql/${file}`), 'utf8')
}

/** The statements of a file of several, split at a semicolon that ends a line. Parameters are per statement. */
export function statements(text: string): string[] {
  return text
    .split(/;\s*$/m)
    .map((part) => part.trim())
    .filter((part) => part.replaceAll(/--.*$/gm, '').trim() !== '')
}
