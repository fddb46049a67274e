import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConnectorError, RoiError } from '../src/errors.ts'
import { createLog } from '../src/log.ts'
import { addSecret, CENSOR, isSecretName, redact, redactValue } from '../src/redact.ts'

/** Known by its value alone: it looks like nothing. */
const CANARY = 'canary word of five parts'
addSecret(CANARY)
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ'
const TOKEN = 'pat-na1-0c4na4y0-1111-2222-3333-444455556666'
const LOOKING: readonly string[] = [
  `Authorization: Bearer ${JWT}`,
  'authorization=Basic Y2FuYXJ5OmNhbmFyeQ==',
  `Cookie: sid=canary; theme=canary`,
  'GET https://api.example.com/crm/objects?after=canary&hapikey=canary failed',
  'GET /oauth/callback?code=canary HTTP/1.1',
  'https://app.example.com/#access_token=canary&x=1',
  'connect postgres://user:canary@db.example.com:5432/facts',
  'postgres://user:c@nary@db.example.com/facts',
  '{"refresh_token":"canary","n":1}',
  String.raw`{\"client_secret\":\"canary\",\"n\":1}`,
  `{'password': 'canary canary'}`,
  'client_secret=canary&grant_type=refresh_token',
  'API-Key: canary',
  TOKEN,
  'Zoho-oauthtoken 1000.c4na4yc4na4yc4na4yc4na4yc4na4y11.c4na4yc4na4yc4na4yc4na4yc4na4y22',
  'sid 00D5g000000canary!AQ4AQcanarycanarycanarycanarycanary',
  'key c4na4y00c4na4y00c4na4y00c4na4y00'.replaceAll('n', 'e').replaceAll('y', 'f'),
  'a token of nobody: CanaryCanaryCanary0123456789CanaryCanary012345',
  '-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE KEY-----',
  'no contact canary.canary+x@canary-mail.example.com here',
  'GET /contacts/v1/contact/email/canary%40canary.example/profile',
  '没有联系人 王伟canary@例子.公司',
]
const REVEALING = /canary(?! mail)|c@nary|c4na4y|c4ea4f|Y2FuYXJ5|eyJ/i

function capture(level = 'trace') {
  const lines: string[] = []
  const log = createLog(level, { write: (line) => void lines.push(line) })
  return { log, lines, all: () => lines.join('') }
}

/** What a failed test should show: the place, not all of the log. */
function around(text: string, pattern: RegExp): string {
  const at = text.search(pattern)
  return at < 0 ? '' : text.slice(Math.max(0, at - 80), at + 80)
}

function deep(value: unknown, depth: number): unknown {
  return depth === 0 ? value : { more: [deep(value, depth - 1)] }
}

test.each(LOOKING)('by its look: %s', (text) => {
  expect(redact(text)).not.toMatch(REVEALING)
  expect(redact(redact(text))).toBe(redact(text))
})

test('canaries in messages, headers, bodies, addresses, causes and deep inside never reach the log', () => {
  const { log, lines, all } = capture()
  const secrets = [...LOOKING, CANARY, encodeURIComponent(CANARY), JSON.stringify({ a: CANARY })]
  for (const text of secrets) {
    const cause = new RoiError('failure', 'x', { en: text, 'zh-CN': text }, undefined, { cause: new TypeError(text) })
    const error = new ConnectorError('report', 'bad_answer', `cannot read ${text}`, { cause })
    log.info(text)
    log.info('said %s and %o', text, { text })
    log.warn({ body: text, deep: deep({ body: text, list: [text] }, 6) }, 'answer')
    log.error(error)
    log.error({ err: error, response: { error } }, 'failed')
    log.error({ err: new AggregateError([error, new Error(text)], text) })
    log.child({ request: text }).info('in a child')
    log.info({ [text]: 1, map: new Map([[text, text]]), set: new Set([text]), url: text })
  }
  expect(around(all(), REVEALING)).toBe('')
  expect(all().includes(CANARY)).toBe(false)
  expect(all().includes(encodeURIComponent(CANARY))).toBe(false)
  expect(lines.length).toBe(secrets.length * 8)
  for (const line of lines) expect(() => JSON.parse(line), line).not.toThrow()
})

test('by name: a field that is called like a secret is hidden whatever it holds, at any depth', () => {
  const { log, all } = capture()
  const fields = [
    'token',
    'accessToken',
    'refresh_token',
    'X-Api-Key',
    'clientSecret',
    'PASSWORD',
    'Set-Cookie',
    'auth',
  ]
  for (const name of fields) {
    log.info(deep({ [name]: 'canary 1' }, 6) as object, 'x')
    log.info({ [name]: ['canary 1'] })
    log.info({ [name]: { inside: 'canary 1' } })
    log.info({ rawHeaders: ['accept', '*/*', name, 'canary 1'] })
    log.info({
      list: [{ name, value: 'canary 1' }],
      pairs: [[name, 'canary 1']],
      headers: new Headers({ [name]: 'canary' }),
    })
    log.child({ [name]: 'canary 1' }).info('x')
  }
  log.info({ email: 'somebody, canary', phone: '+86 138 canary' })
  expect(around(all(), /canary/)).toBe('')
  expect(isSecretName('token')).toBe(true)
  for (const name of ['state', 'stream', 'settings', 'tokenizer', 'rows', 'key', 'title']) {
    expect(isSecretName(name), name).toBe(false)
  }
})

test('what helps to find a fault stays', () => {
  const { log, lines } = capture()
  const error = new RoiError('unavailable', 'port_in_use', { en: 'Port 3000 is in use.', 'zh-CN': '端口被占用。' })
  log.error(
    { err: error, id: '0b9f4d2e-4f5c-4f44-8f3c-6a7a2f3f1c11', path: '/api/v1/panel', rows: 12n },
    'request failed',
  )
  const line = JSON.parse(lines[0]!)
  expect(line).toMatchObject({
    level: 50,
    msg: 'request failed',
    id: '0b9f4d2e-4f5c-4f44-8f3c-6a7a2f3f1c11',
    path: '/api/v1/panel',
    rows: '12',
    err: { type: 'RoiError', code: 'port_in_use', message: 'Port 3000 is in use.' },
  })
  expect(line.err.stack).toContain('log.test.ts:')
  for (const text of ['Unexpected token < in JSON', 'duckdb@1.5.6', 'https://api.example.com/v1/x', 'why? no=t']) {
    expect(redact(text)).toBe(text)
  }
  log.error(error)
  expect(JSON.parse(lines[1]!).msg).toBe('Port 3000 is in use.')
  log.info('%s of %d', 'one', 2)
  expect(JSON.parse(lines[2]!).msg).toBe('one of 2')
  log.info({ password: null, token: true })
  expect(JSON.parse(lines[3]!)).toMatchObject({ password: null, token: true })
})

test('a secret is found in every spelling, the longest first, and others of a caller too', () => {
  addSecret('sw0rd"fish/1')
  addSecret('sw0rd"fish/1-longer')
  for (const text of [
    'sw0rd"fish/1',
    encodeURIComponent('sw0rd"fish/1'),
    JSON.stringify('sw0rd"fish/1'),
    'c3cwcmQiZmlzaC8x',
  ]) {
    expect(redact(`x ${text} y`)).not.toMatch(/fish|c3cwcmQ/)
  }
  expect(redact('a sw0rd"fish/1-longer b')).toBe(`a ${CENSOR} b`)
  expect(redact('an apple pie and a pear', ['apple pie'])).toBe(`an ${CENSOR} and a pear`)
  expect(redact('an apple pie', ['', 'a', 'pie'])).toBe('an apple pie')
})

test('whatever is logged, it is one line of JSON and nothing throws', () => {
  const { log, lines } = capture()
  const circle: Record<string, unknown> = { a: 1 }
  circle.self = circle
  const trap = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('no')
      },
    },
  )
  const broken = {
    get token2() {
      throw new Error('no')
    },
  }
  for (const odd of [
    circle,
    trap,
    broken,
    null,
    [1],
    new Date(Number.NaN),
    Buffer.from('canary'),
    deep(1, 40),
    Symbol('x'),
  ]) {
    log.info(odd as object, 'odd')
  }
  expect(lines).toHaveLength(9)
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true }),
      fc.string(),
      (value, text) => {
        log.info({ value }, text.replaceAll('%', ''))
        log.info(text)
      },
    ),
  )
  for (const line of lines) expect(() => JSON.parse(line), line).not.toThrow()
})

test('a canary in a random place of a random value is gone', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.string(), fc.string(), (value, before, after) => {
      const text = `${before}${CANARY}${after}`
      const found = JSON.stringify(redactValue({ value, [text]: [value, { text }], error: new Error(text) }))
      expect(found).not.toContain(CANARY)
    }),
  )
})

test('long and hostile texts take little time', () => {
  const hostile = [
    'a',
    '-a',
    '?a',
    '?a=',
    '/',
    ' ',
    '"',
    '\\',
    '@',
    'a@',
    'a.',
    'token ',
    'token:',
    'eyJ.',
    'x=',
    'Basic ',
    '%40a.',
  ]
  for (let i = 0; i < 5000; i += 1) addSecret(`secret-number-${i}`)
  const start = performance.now()
  for (const part of hostile) redact(part.repeat(200_000 / part.length))
  expect(performance.now() - start).toBeLessThan(2000)
  const { log, lines } = capture()
  const before = performance.now()
  for (let i = 0; i < 2000; i += 1)
    log.info({ connection: 'con_1', stream: 'deals', rows: i, ms: 12.5 }, 'page written')
  expect(performance.now() - before).toBeLessThan(2000)
  expect(lines).toHaveLength(2000)
  expect(redact(`${'x '.repeat(20_000)}${CANARY}`)).not.toContain('canary')
  // The cut goes through the secret.
  expect(redact(`${'x'.repeat(32_768 - 10)}${CANARY}`)).not.toContain('canary')
})
