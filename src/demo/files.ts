import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'csv-stringify/sync'
import { generate, type Rows, type Tables } from './generate.ts'
import type { DemoSet } from './sets.ts'

/** Parents before what points to them, as a person would bring them. */
const ORDER: readonly (keyof Tables)[] = ['campaigns', 'costs', 'accounts', 'contacts', 'touches', 'deals']

/** Writes the files of a set, as a user would have them. @returns their paths, in the order to import them */
export async function writeDemoFiles(set: DemoSet, folder: string): Promise<string[]> {
  const tables = generate(set)
  await mkdir(folder, { recursive: true })
  const paths: string[] = []
  for (const name of ORDER) {
    const path = join(folder, `${name}.csv`)
    await writeFile(path, toCsv(tables[name]))
    paths.push(path)
  }
  return paths
}

function toCsv(rows: Rows): string {
  return stringify([...rows], { header: true, columns: Object.keys(rows[0] ?? {}), record_delimiter: '\r\n' })
}
