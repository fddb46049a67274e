import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')

/** Floors of architecture.md §3: a file imports from its own or a lower one. */
const FLOORS: readonly (readonly [RegExp, number])[] = [
  [/^src\/cli(\.ts|\/)/, 6],
  [/^src\/(app\.ts|demo\/)/, 5],
  [/^src\/(server|reports)\//, 4],
  [/^src\/(planning|metrics)\//, 3],
  [/^src\/(sync|journey|attribution|capture)\//, 2],
  [/^src\/(db|state|api)\/|^src\/(config|api)\.ts$/, 1],
  [/^src\/model\/|^src\/(errors|log|redact|closest)\.ts$/, 0],
]

function floorOf(file: string): number {
  const found = FLOORS.find(([pattern]) => pattern.test(file))
  if (!found) throw new Error(`${file} stands on no floor: name its folder in architecture and here`)
  return found[1]
}

function filesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
}

/** Relative imports of a file, as paths from the root. `types` are imports that vanish at run time. */
function importsOf(file: string): { target: string; types: boolean }[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const pattern =
    /(?:^|\n)\s*(import|export)\s+(type\s)?[^'"\n;]*?(?:\{[^}]*\}[^'"\n;]*?)?from\s+'(\.[^']+)'|import\(\s*'(\.[^']+)'\s*\)/g
  return [...text.matchAll(pattern)].map((match) => ({
    target: relative(ROOT, resolve(dirname(join(ROOT, file)), match[3] ?? match[4]!)),
    types: match[2] !== undefined,
  }))
}

test('the import reader finds imports of every form', () => {
  const found =
    importsOf('src/cli.ts').length + importsOf('src/app.ts').length + importsOf('src/metrics/panel.ts').length
  expect(found).toBeGreaterThan(15)
})

test('files of src import from their own or a lower floor, and only app.ts reaches the connectors', () => {
  const wrong: string[] = []
  for (const file of filesUnder('src')) {
    for (const { target } of importsOf(file)) {
      if (target.startsWith('connectors/')) {
        if (file !== 'src/app.ts' || target !== 'connectors/index.ts') wrong.push(`${file} -> ${target}`)
      } else if (!target.startsWith('src/')) wrong.push(`${file} -> ${target}`)
      else if (floorOf(target) > floorOf(file)) wrong.push(`${file} -> ${target}`)
    }
  }
  expect(wrong).toEqual([])
})

test('a connector knows the model, the errors and the contract, and no other connector', () => {
  const wrong: string[] = []
  for (const file of filesUnder('connectors')) {
    const own = file.split('/').slice(0, 2).join('/')
    for (const { target } of importsOf(file)) {
      const allowed =
        target.startsWith(`${own}/`) ||
        target.startsWith('src/model/') ||
        target === 'src/errors.ts' ||
        target === 'src/sync/contract.ts'
      if (!allowed && file !== 'connectors/index.ts') wrong.push(`${file} -> ${target}`)
    }
  }
  expect(wrong).toEqual([])
})

test('the widget takes only types from the product', () => {
  const wrong: string[] = []
  for (const file of filesUnder('widget')) {
    for (const { target, types } of importsOf(file)) {
      if (target.startsWith('src/') && !(types && target === 'src/api.ts')) wrong.push(`${file} -> ${target}`)
    }
  }
  expect(wrong).toEqual([])
})

test('the environment is read in config.ts only', () => {
  const readers = [...filesUnder('src'), ...filesUnder('connectors')].filter((file) =>
    readFileSync(join(ROOT, file), 'utf8').includes('process.env'),
  )
  expect(readers.filter((file) => file !== 'src/config.ts' && file !== 'src/cli.ts')).toEqual([])
})
