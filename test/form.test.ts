import { expect, test } from 'vitest'
import { z } from 'zod'
import { FormField } from '../src/api.ts'
import type { RoiError } from '../src/errors.ts'
import { FIELDS } from '../src/sync/contract.ts'
import { formFields, isSecret, parseSettings } from '../src/sync/form.ts'

const say = (en: string, zh: string) => ({ en, 'zh-CN': zh })

const settings = z.object({
  token: z
    .string()
    .trim()
    .min(8)
    .register(FIELDS, { label: say('Access token', '访问令牌'), secret: true, help: say('From the app', '来自应用') }),
  portal: z.string().register(FIELDS, { label: say('Portal', '门户'), example: '12345' }),
  region: z
    .enum(['eu1', 'na1'])
    .default('na1')
    .register(FIELDS, { label: say('Region', '区域') }),
  days: z.int().min(1).max(90).default(30),
  deals: z.boolean().default(true),
  fields: z.array(z.string()).default(['a', 'b']),
  kinds: z.array(z.enum(['x', 'y'])).optional(),
  note: z.string().nullable(),
  size: z.union([z.literal(1), z.literal(2)]).optional(),
  secondary: z
    .string()
    .optional()
    .register(FIELDS, { label: say('Second', '第二'), secret: true }),
})
const connector = { id: 'fake', settings }

function failure(given: Record<string, unknown>, of = connector): RoiError {
  try {
    parseSettings(of, given)
  } catch (error) {
    return error as RoiError
  }
  throw new Error('nothing was thrown')
}

test('a schema becomes the fields of a form, in its order', () => {
  const fields = formFields(connector, 'en')
  expect(() => z.array(FormField).parse(fields)).not.toThrow()
  expect(fields.map(({ key, kind, required }) => [key, kind, required])).toEqual([
    ['token', 'secret', true],
    ['portal', 'text', true],
    ['region', 'choice', false],
    ['days', 'number', false],
    ['deals', 'boolean', false],
    ['fields', 'list', false],
    ['kinds', 'list', false],
    ['note', 'text', false],
    ['size', 'choice', false],
    ['secondary', 'secret', false],
  ])
  expect(fields[0]).toMatchObject({ label: 'Access token', help: 'From the app', default: null, choices: [] })
  expect(fields[1]).toMatchObject({ example: '12345', help: null })
  expect(fields[2]).toMatchObject({ label: 'Region', default: 'na1', choices: ['eu1', 'na1'] })
  expect(fields.slice(3, 6).map((field) => field.default)).toEqual([30, true, 'a,b'])
  expect(fields[6]!.choices).toEqual(['x', 'y'])
  expect(fields[8]!.choices).toEqual(['1', '2'])
  expect(formFields(connector, 'zh-CN')[0]!.label).toBe('访问令牌')
  expect([isSecret(settings, 'token'), isSecret(settings, 'secondary')]).toEqual([true, true])
  expect(['portal', 'nothing', '__proto__', 'constructor'].map((key) => isSecret(settings, key))).toEqual(
    Array(4).fill(false),
  )
})

test('texts become values, and the secrets stand apart', () => {
  const given = {
    token: ' tok-12345678\n',
    portal: '7',
    days: '14',
    deals: 'no',
    fields: 'c, d，e',
    kinds: '["x"]',
    size: '2',
  }
  const parsed = parseSettings(connector, given)
  expect(parsed.secrets).toEqual({ token: 'tok-12345678' })
  expect(parsed.settings).toEqual({
    portal: '7',
    region: 'na1',
    days: 14,
    deals: false,
    fields: ['c', 'd', 'e'],
    kinds: ['x'],
    note: null,
    size: 2,
  })
  expect(parsed.all).toEqual({ ...parsed.settings, ...parsed.secrets })
  expect(parseSettings(connector, { ...parsed.settings, ...parsed.secrets })).toEqual(parsed)
  const json = parseSettings(connector, {
    token: 'tok-12345678',
    portal: '7',
    deals: true,
    fields: ['q'],
    note: 'x',
    region: '',
  })
  expect(json.settings).toMatchObject({ deals: true, fields: ['q'], note: 'x', region: 'na1' })
})

test('what is missing, wrong or unknown is named with what is allowed', () => {
  expect(failure({})).toMatchObject({ kind: 'usage', code: 'bad_connection_settings', exitCode: 2 })
  expect(failure({}).describe('en')).toBe(
    'Missing: token, portal. Expected: token = Access token (text); portal = Portal (text, such as 12345).',
  )
  expect(failure({ token: '', portal: '  ' }).describe('en')).toContain('Missing: token, portal.')
  expect(failure({}).describe('zh-CN')).toContain('缺少：token、portal。')
  const good = { token: 'tok-12345678', portal: '7' }
  const wrong: [object, RegExp][] = [
    [{ region: 'mars' }, /Not valid: region\. Expected: region = Region \(eu1 \| na1\)/],
    [{ days: '0' }, /days = number, at least 1/],
    [{ days: 'soon' }, /days = number/],
    [{ days: '1.5' }, /days = number, whole/],
    [{ deals: 'perhaps' }, /deals = true \| false/],
    [{ kinds: 'x,z' }, /kinds = x \| y/],
    [{ token: 'short' }, /token = Access token \(text, at least 8 characters\)/],
    [{ portal: { a: 1 } }, /portal = Portal/],
    [{ regoin: 'eu1' }, /^"regoin" is not known.*Did you mean region\?.*token, portal, region/],
    [{ __proto__x: '1', 'tok-secret-5678': '1' }, /^A setting is not known/],
  ]
  for (const [given, message] of wrong) expect(failure({ ...good, ...given }).describe('en')).toMatch(message)
})

test('no value is ever repeated, whatever is wrong with it', () => {
  const secret = 'S3cr3tValueOfNobody'
  for (const given of [
    { token: { [secret]: secret } },
    { token: [secret] },
    { token: 'tok-12345678', portal: secret, region: secret, days: secret, kinds: secret },
    { [secret]: 'x' },
    { [`${secret}-x`]: secret, token: secret },
  ]) {
    const error = failure(given)
    expect([error.describe('en'), error.describe('zh-CN'), error.stack, String(error.cause)].join()).not.toContain(
      secret,
    )
  }
})

test('a schema that judges its values together still gives a sentence', () => {
  const pair = {
    id: 'pair',
    settings: z.object({ a: z.string().optional(), b: z.string().optional() }).refine((v) => v.a !== v.b),
  }
  expect(failure({ a: 'x', b: 'x' }, pair as never).describe('en')).toBe('These settings do not go together.')
})
