import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { LOCALES, type Text } from '../../src/errors.ts'
import { type Connector, FIELDS } from '../../src/sync/contract.ts'
import { formFields, isSecret } from '../../src/sync/form.ts'
import { errorTests } from './errors.ts'
import { findIn, type Registry } from './kit.ts'
import { keyOf } from './reading.ts'
import { readTests } from './reads.ts'
import { runTests } from './runs.ts'
import { worldOf } from './world.ts'

export interface SuiteOptions {
  /** Where the folders of the connectors lie. */
  readonly folder: URL
}

/**
 * What holds for every connector (architecture.md §4, reliability.md §3), as tests. A new one is met by its line in the
 * registry; it needs a source to talk to (see {@link worldOf}).
 */
export async function conformance(registry: Registry, { folder }: SuiteOptions): Promise<void> {
  for (const key of Object.keys(registry)) {
    const connector = (await findIn(registry, key))!
    const home = new URL(`${key}/`, folder)
    const open = connector.api ? await worldOf(key, home) : undefined
    describe(`the connector ${key}`, () => {
      test('has the name of its folder and its line', () => {
        expect(connector.id).toBe(key)
        expect(existsSync(new URL('index.ts', home))).toBe(true)
      })

      test('is documented', () => {
        expect(readFileSync(new URL('README.md', home), 'utf8')).toMatch(/^# .+\n[\s\S]{100}/)
      })

      test('names itself and its streams in both languages', () => {
        expectText(connector.title)
        expect(Object.keys(connector.pull).length).toBeGreaterThan(0)
        for (const { title } of Object.values(connector.pull)) expectText(title)
      })

      test('asks for settings in both languages and marks secrets', () => expectSettings(connector))

      if (!open) return
      readTests(connector, open)
      runTests(registry, connector, open)
      errorTests(connector, open)
    })
  }
}

function expectText(text: Text): void {
  for (const locale of LOCALES) expect(text[locale].trim()).not.toBe('')
}

const SECRET = /token|secret|password|passwd|api_?key|private|credential/i

function expectSettings(connector: Connector): void {
  const { settings } = connector
  const proof = keyOf(connector)
  for (const [key, schema] of Object.entries(settings.shape)) {
    if (connector.api) {
      const field = FIELDS.get(schema)
      expect(field, `setting ${key} is not described`).toBeDefined()
      for (const text of [field!.label, field!.help]) if (text) expectText(text)
    }
    if (SECRET.test(key)) expect(isSecret(settings, key), `setting ${key} is a secret`).toBe(true)
  }
  if (proof) expect(isSecret(settings, proof.setting)).toBe(true)
  for (const locale of LOCALES) {
    const fields = formFields(connector, locale)
    expect(fields.map(({ key }) => key)).toEqual(Object.keys(settings.shape))
    for (const { kind, default: preset } of fields) if (kind === 'secret') expect(preset).toBeNull()
  }
}
