import { expect, test } from 'vitest'
import { COMMANDS } from '../src/cli/commands.ts'
import { figuresFor } from '../src/cli/figures.ts'
import { commandHelp, programHelp } from '../src/cli/help.ts'
import { findCommand, parseOptions } from '../src/cli/parse.ts'
import { demoPlace, placeOf } from '../src/cli/place.ts'
import { createMeter } from '../src/cli/progress.ts'
import { table } from '../src/cli/table.ts'
import { plain, widthOf } from '../src/cli/text.ts'
import { closest } from '../src/closest.ts'
import { loadConfig } from '../src/config.ts'
import { LOCALES, type RoiError } from '../src/errors.ts'

function failure(work: () => unknown): RoiError {
  try {
    work()
  } catch (error) {
    return error as RoiError
  }
  throw new Error('nothing was thrown')
}

test('options may stand before the command, and values are not taken for commands', () => {
  const found = findCommand(['--data', 'report', '-q', 'settings', 'get', 'zone'], COMMANDS)
  expect(found.command?.name).toBe('settings')
  const parsed = parseOptions(found.rest, found.command?.options ?? {})
  expect(parsed.positionals).toEqual(['get', 'zone'])
  expect(parsed.values).toMatchObject({ data: 'report', quiet: true })
})

test('an unknown command or option is a usage error that suggests the nearest', () => {
  const command = failure(() => findCommand(['reprot'], COMMANDS))
  expect(command).toMatchObject({ kind: 'usage', code: 'unknown_command', exitCode: 2 })
  expect(command.describe('en')).toContain('report')
  const option = failure(() =>
    parseOptions(['--modle', 'linear'], { model: { type: 'string', help: { en: '', 'zh-CN': '' } } }),
  )
  expect(option.code).toBe('unknown_option')
  expect(option.describe('zh-CN')).toContain('--model')
  for (const name of ['__proto__', 'constructor', 'toString']) {
    expect(failure(() => parseOptions([`--${name}`], {})).code).toBe('unknown_option')
  }
})

test('a missing and an unwanted value are told apart', () => {
  expect(failure(() => parseOptions(['--data'], {})).code).toBe('missing_value')
  expect(failure(() => parseOptions(['--data', '--json'], {})).code).toBe('missing_value')
  expect(failure(() => parseOptions(['--json=yes'], {})).code).toBe('unwanted_value')
})

test('every command explains itself in both languages, with all its options', () => {
  for (const locale of LOCALES) {
    const program = programHelp(COMMANDS, locale)
    for (const command of COMMANDS) {
      expect(program).toContain(command.summary[locale])
      const help = commandHelp(command, locale)
      for (const [name, option] of Object.entries(command.options)) {
        expect(help).toContain(`--${name}`)
        expect(help).toContain(option.help[locale])
      }
      for (const name of ['json', 'quiet', 'no-color', 'yes', 'data', 'workspace', 'locale']) {
        expect(help).toContain(`--${name}`)
      }
    }
  }
  expect(programHelp(COMMANDS, 'zh-CN')).not.toEqual(programHelp(COMMANDS, 'en'))
})

test('the documented arguments exist', () => {
  const names = (name: string) => Object.keys(COMMANDS.find((command) => command.name === name)?.options ?? {})
  expect(names('import')).toEqual(expect.arrayContaining(['type', 'map', 'date-format', 'dry-run', 'replace', 'undo']))
  expect(names('report')).toEqual(expect.arrayContaining(['by', 'model', 'from', 'to', 'date-basis']))
  expect(names('attribute')).toEqual(expect.arrayContaining(['models', 'half-life', 'interval']))
  expect(names('explain')).toEqual(expect.arrayContaining(['by', 'key', 'channel', 'campaign', 'model', 'from', 'to']))
  expect(names('export')).toEqual(expect.arrayContaining(['model', 'format']))
  expect(names('recompute')).toEqual(['all'])
  expect(names('connect')).toEqual(['set', 'title', 'every'])
  expect([names('sync'), names('disconnect'), names('doctor')]).toEqual([['full'], ['erase', 'force'], ['offline']])
})

test('a table lines up Chinese, and a name cannot move the cursor', () => {
  expect(widthOf('展会 A')).toBe(6)
  const text = table(
    [{ title: '渠道' }, { title: 'n', align: 'right' }],
    [
      ['展会', '1'],
      ['ab\u001b[2J', '23'],
    ],
  )
  expect(text).toBe('渠道    n\n─────  ──\n展会    1\nab[2J  23\n')
  expect(plain('a\u202eb\u0007\nc')).toBe('abc')
})

test('figures are rounded half away from zero, large money keeps every digit', () => {
  const { money, percent, missing } = figuresFor('en')
  expect(money('90071992547409931.25')).toBe('90,071,992,547,409,931.25')
  expect([percent(0.25), percent(-0.25), percent(1261.4)]).toEqual(['0.3 %', '-0.3 %', '1,261 %'])
  expect(missing('no_cost')).toBe('n/a (no cost)')
  expect(figuresFor('zh-CN').missing('no_cost')).toBe('不适用 (无成本)')
})

test('the demo lives in a directory of its own, wherever it is named from', () => {
  const config = { ...loadConfig({}, { dataDir: '/d' }), databaseUrl: 'postgres://x/y' }
  expect(placeOf(config, 'demo-a')).toMatchObject({
    demo: true,
    config: { dataDir: '/d/demo', databaseUrl: undefined },
  })
  expect(placeOf(config, 'main')).toMatchObject({
    demo: false,
    config: { dataDir: '/d', databaseUrl: 'postgres://x/y' },
  })
  expect(demoPlace(demoPlace(config).config).config.dataDir).toBe('/d/demo')
})

test('nothing is suggested for a word that is like none', () => {
  expect(closest('xyzzy', ['report', 'import'])).toBeUndefined()
  expect(closest('exprot', ['report', 'export'])).toBe('export')
})

function meterOn(isTTY: boolean, quiet = false) {
  const written: string[] = []
  let time = 0
  const stream = { isTTY, columns: 200, write: (text: string) => written.push(text) }
  const meter = createMeter(stream as never, quiet, () => time)
  const show = (at: number, rows: number, part: number | null) => {
    time = at
    meter.show({ task: 'deals.csv', rows, part }, 'en')
  }
  return { written, meter, show }
}

test('progress tells rate and a range of time left; off a terminal a line every ten seconds; quiet says nothing', () => {
  const terminal = meterOn(true)
  for (let second = 1; second <= 10; second += 1) terminal.show(second * 1000, second * 1000, second / 40)
  expect(terminal.written.at(-1)).toContain('deals.csv · 10,000 rows · 1,000 rows/s · 25 % · 27 s–33 s left')
  terminal.meter.clear()
  expect(terminal.written.at(-1)).toBe('\r\u001b[K')

  const file = meterOn(false)
  for (let second = 1; second <= 25; second += 1) file.show(second * 1000, second, null)
  expect(file.written).toHaveLength(2)
  expect(file.written.join('')).not.toContain('\u001b')

  const quiet = meterOn(true, true)
  quiet.show(60_000, 5, 0.5)
  expect(quiet.written).toEqual([])
})
