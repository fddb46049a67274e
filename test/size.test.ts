import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Built, buildWidget } from './e2e/support/build.ts'

const KIB = 1024
let built: Built

beforeAll(async () => {
  built = await buildWidget('production')
}, 120_000)

/** Size of a published file as it travels: gzip −9. */
function gzipped(name: string): number {
  return gzipSync(readFileSync(join(built.widget, name)), { level: 9 }).length
}

/** A file and everything it imports statically: what must arrive before the first figure. */
function withImports(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen
  seen.add(name)
  const source = readFileSync(join(built.widget, name), 'utf8')
  for (const [, path] of source.matchAll(/(?:from|import)\s*["'`]\.\/([^"'`]+)["'`]/g)) withImports(path!, seen)
  return seen
}

function sum(names: Iterable<string>): number {
  return [...names].reduce((total, name) => total + gzipped(name), 0)
}

describe('published sizes, gzip −9 (ux.md §5)', () => {
  it('loader ≤ 2 KiB', () => {
    expect(sum(withImports('loader.js'))).toBeLessThanOrEqual(2 * KIB)
  })

  it('core ≤ 22 KiB with all it imports statically', () => {
    expect(sum(withImports('roi-panel.js'))).toBeLessThanOrEqual(22 * KIB)
  })

  it('all blocks of the panel ≤ 30 KiB, with the lazy views ≤ 45 KiB, locales aside', () => {
    const all = readdirSync(built.widget).filter(
      (name) => name.endsWith('.js') && !isLocale(name) && name !== 'loader.js',
    )
    expect(sum(all.filter((name) => !name.startsWith('record-view-')))).toBeLessThanOrEqual(30 * KIB)
    expect(sum(all)).toBeLessThanOrEqual(45 * KIB)
  })

  it('each locale ≤ 5 KiB', () => {
    const locales = readdirSync(built.widget).filter(isLocale)
    expect(locales).toHaveLength(2)
    for (const locale of locales) expect(gzipped(locale)).toBeLessThanOrEqual(5 * KIB)
  })

  it('nothing but scripts is published, and no line break of a template', () => {
    const names = readdirSync(built.widget)
    expect(names.filter((name) => !name.endsWith('.js'))).toEqual([])
    expect(readFileSync(join(built.widget, 'roi-panel.js'), 'utf8')).not.toMatch(/\n\s+\S/)
  })
})

function isLocale(name: string): boolean {
  return /^(zh-CN|en)-/.test(name)
}
