import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ConnectorError, isRoiError } from '../src/errors.ts'
import { redact } from '../src/redact.ts'
import { parseJson } from '../src/sync/http/json.ts'
import { originOf } from '../src/sync/http/origin.ts'
import { targetOf } from '../src/sync/http/request.ts'
import { openUpstream } from '../src/sync/http/upstream.ts'

const API = 'https://api.vendor.example'

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (isRoiError(error) || error instanceof ConnectorError) return error.code
    throw error
  }
  return 'none'
}

describe('origin', () => {
  test.each([
    'http://127.0.0.1:8080',
    'https://127.0.0.1',
    'http://127.255.0.9:1',
    'http://[::1]:8080',
    'http://localhost:3000/',
  ])('%s may stand in for a source', (origin) => {
    expect(originOf(API, origin).origin).toBe(origin.replace(/\/$/, ''))
  })

  test.each([
    'http://2130706433',
    'http://0x7f.1',
    'http://0x7f000001',
    'http://127.1',
    'http://127.0.0.010',
    'http://127.0.0.256',
    'http://①②⑦.⓪.⓪.①',
    'http://[::ffff:7f00:1]',
    'http://[::ffff:127.0.0.1]',
    'http://[0:0:0:0:0:0:0:1]',
    'http://[64:ff9b::7f00:1]',
    'http://169.254.169.254',
    'http://100.64.0.1',
    'http://0.0.0.0',
    'http://10.0.0.1',
    'http://user@127.0.0.1',
    'http://127.0.0.1@evil.example',
    'http://127.0.0.1:80@evil.example',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'http://localhost.',
    'http://evil.example#127.0.0.1',
    'http://127.0.0.1/path',
    'http://127.0.0.1?x',
    'http://127.0.0.1:99999',
    'http://127.0.0.1\\@evil.example',
    'http://127.0.0.1\n',
    ' http://127.0.0.1',
    'ftp://127.0.0.1',
    'file:///etc/passwd',
    '//127.0.0.1',
    '127.0.0.1',
    'https://api.vendor.example',
    'https://api.vendor.example.evil.io',
    '',
  ])('%j may not', (origin) => {
    expect(codeOf(() => originOf(API, origin))).toBe('bad_origin')
    const api = { origin: API, limits: { core: { requests: 1, per: 1, concurrent: 1 } } }
    const connector = { id: 'v', auth: { type: 'none' }, api, errors: {} } as const
    expect(codeOf(() => openUpstream({ connector, origin, credential: async () => undefined }))).toBe('bad_origin')
  })

  test('the origin of an API is a host under https and nothing else', () => {
    expect(originOf(API, undefined).href).toBe(`${API}/`)
    for (const api of ['http://api.vendor.example', `${API}/`, `${API}/v1`, 'https://u:p@api.vendor.example']) {
      expect(() => originOf(api, undefined)).toThrow()
    }
  })
})

describe('path', () => {
  const origin = new URL(API)

  test.each([
    'list',
    '',
    '//evil.example',
    '//evil.example/list',
    '/\\evil.example',
    '\\\\evil.example',
    '/@evil.example',
    '/user:pw@evil.example/',
    'https://evil.example/',
    '@evil.example',
    '.evil.example',
    ':8080/',
    '/a/../b',
    '/a/..',
    '/./a',
    '/a/%2e%2e/b',
    '/a\r\nx: y',
    '/a\tb',
    '/a\u0000b',
    '/a b',
    '/a?b=c',
    '/a#b',
    '/ü',
    '/a HTTP/1.1',
  ])('%j is refused', (path) => {
    expect(codeOf(() => targetOf({ path }, origin))).toBe('bad_path')
  })

  test('whatever the path, the request stays at the origin and in one line', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.string()), (tail) => {
        for (const path of [tail, `/${tail}`]) {
          let target: string
          try {
            target = targetOf({ path }, origin)
          } catch (error) {
            expect(error).toMatchObject({ code: 'bad_path', remedy: 'report' })
            continue
          }
          expect(new URL(target, origin).host).toBe(origin.host)
          expect(target).toMatch(/^\/[\x21-\x7e]*$/)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('encoded data may hold anything', () => {
    for (const data of ['a/b', '@', 'ü ?#', '%', '\\']) {
      const path = `/objects/${encodeURIComponent(data)}/x`
      expect(targetOf({ path }, origin)).toBe(path)
    }
  })
})

describe('json', () => {
  test('what JSON.parse reads without loss is read alike', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        const plain = JSON.stringify(JSON.parse(text))
        if (/\d{16}|e\+|__proto__/.test(text)) return
        expect(JSON.stringify(parseJson(text))).toBe(plain)
      }),
    )
  })

  test('integers of any length survive, wherever they stand', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.constantFrom('', ' ', '\n'), (n, gap) => {
        const expected = n <= Number.MAX_SAFE_INTEGER && n >= Number.MIN_SAFE_INTEGER ? Number(n) : String(n)
        expect(parseJson(`${n}`)).toEqual(expected)
        expect(parseJson(`{"a":${gap}${n}${gap},"b":[${n},${gap}${n}]}`)).toEqual({
          a: expected,
          b: [expected, expected],
        })
      }),
    )
  })

  test('keys __proto__ are left out at any depth, written as they like', () => {
    const text = '{"a":[{"__proto__":{"bad":1},"b":1}],"\\u005f_proto__":{"bad":1},"c":{"__\\u0070roto__":1,"d":null}}'
    const value = parseJson(text)
    expect(JSON.stringify(value)).toBe('{"a":[{"b":1}],"c":{"d":null}}')
    expect({}).not.toHaveProperty('bad')
    expect(z.object({ c: z.object({ d: z.null() }) }).safeParse(value).success).toBe(true)
  })

  test('depth does no harm', () => {
    const deep = (inner: string) => `${'['.repeat(10_000)}${inner}${']'.repeat(10_000)}`
    expect(parseJson(deep('"__proto__"'))).toBeInstanceOf(Array)
    expect(() => parseJson(deep('1 , 12345678901234567890'))).toThrow(RangeError)
  })
})

describe('redact', () => {
  const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'
  test.each([
    ['Authorization: Bearer abc.def-ghi', 'abc.def'],
    ['basic dXNlcjpwYXNz', 'dXNl'],
    [`token ${JWT} end`, 'eyJ'],
    ['pat-na1-11111111-2222-3333-4444-555555555555', '2222'],
    ['session 00D5g000004abcd!AQEAQF.abc_def', 'AQEA'],
    ['{"access_token":"short-1","x":1}', 'short-1'],
    ['client_secret=s3cr3t&x=1', 's3cr3t'],
    ['refresh_token: "r3fr3sh"', 'r3fr3sh'],
    ['GET https://x.example/a?code=abc&state=1 failed', 'abc'],
    ['at /oauth?hapikey=1-2-3', '1-2-3'],
    ['https://user:hunter2@x.example/', 'hunter2'],
    ['mail ann.lee+x@mail.example.com now', 'ann'],
    ['mail ann%40example.com now', 'ann'],
    [`hash ${'0a'.repeat(16)}`, '0a0a'],
    [`opaque ${'Ab1'.repeat(20)}`, 'Ab1'],
  ])('%s', (text, secret) => {
    expect(redact(text)).toContain('[redacted]')
    expect(redact(text)).not.toContain(secret)
  })

  test('known secrets go wherever they stand, encoded too; the rest stays', () => {
    expect(redact('x=p@ss/word; p%40ss%2Fword; p@ss/word-longer', ['p@ss/word', 'p@ss/word-longer', 'x'])).toBe(
      'x=[redacted]; [redacted]; [redacted]',
    )
    const plain = 'answered 429 TEN_SECONDLY_ROLLING: what now? /crm/objects/2026-09/contacts, 100 of 250000'
    expect(redact(plain)).toBe(plain)
  })

  test('long texts cost little', () => {
    for (const part of ['a', '-', 'a@', '?a=', '//', 'eyJ', '?', 'Bearer ', '0', 'a.', '=:']) {
      expect(redact(part.repeat(200_000 / part.length)).length).toBeGreaterThan(0)
    }
  })
})
