import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type SignedRequest, verifySignature } from '../connectors/hubspot/signature.ts'

const SECRET = '00000000-1111-2222-3333-444444444444'
const NOW = 1790000001000
const HOOK = 'https://roi.example.com/webhooks/hubspot'
const CARD = `${'https://roi.example.com/api/v1/hubspot/roi'}?objectId=42&portalId=62515&userId=7&userEmail=a%40b.com&appId=54321`
const EVENT =
  '[{"eventId":100,"subscriptionId":2001,"portalId":62515,"appId":54321,"occurredAt":1790000000000,"subscriptionType":"object.propertyChange","attemptNumber":0,"objectId":9876543210,"objectTypeId":"0-3","propertyName":"dealstage","propertyValue":"closedwon","changeSource":"CRM_UI","sourceId":"userId:7"}]'

function request(given: Partial<Omit<SignedRequest, 'body'>> & { body?: string }): SignedRequest {
  const { body = '', ...rest } = given
  return {
    method: 'POST',
    url: HOOK,
    timestamp: String(NOW),
    signature: undefined,
    ...rest,
    body: Buffer.from(body),
  }
}

/** Signed as HubSpot does it, over the address as given. */
function signed(given: Partial<Omit<SignedRequest, 'body'>> & { body?: string }, secret = SECRET): SignedRequest {
  const one = request(given)
  const text = `${one.method}${one.url}${Buffer.from(one.body).toString()}${one.timestamp}`
  return { ...one, signature: createHmac('sha256', secret).update(text).digest('base64') }
}

describe('published and measured vectors', () => {
  const other = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy'
  const example = 'https://www.example.com/webhook_uri'
  const json = '{"example_field":"example_value"}'
  const python = `{'example_field':'example_value'}`
  const third = '1764115200000'
  test.each([
    ['A', 'POST', HOOK, EVENT, SECRET, String(NOW), 'KUh7/NYb6BjAjP0cl0uN2ywauNbg0csFqlM2YYsHi/Q=', 'decoded'],
    ['B decoded', 'GET', CARD, '', SECRET, String(NOW), 'xoe7u1MFKQk/QC/AaIg9QaoL7S/j/6cnqXAyawsnLs0=', 'decoded'],
    ['B raw', 'GET', CARD, '', SECRET, String(NOW), 'XZfqdEymy4INSEkW9fqTg+CoC8hBN9hmbAntcjWzR2E=', 'raw'],
    [
      'C',
      'POST',
      HOOK,
      '[{"propertyValue":"已成交"}]',
      SECRET,
      String(NOW),
      '03zKFuApZFrNZLxorrRywGubVJGFhM+MFB06W2eP10c=',
      'decoded',
    ],
    ['P', 'POST', example, python, other, '1693657560000', 'K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=', 'decoded'],
    ['plain', 'POST', example, json, other, third, 'MSw3rqL8o4ZXWFkJlPHTq/twMgpz5XskAv8l4zCvfSQ=', 'decoded'],
    [
      'query',
      'POST',
      `${example}?a=x%3Ay%2Fz&b=%28c%29`,
      json,
      other,
      third,
      'svwPOtvLAv3Q6HUzt95hNUlt437FikLJavNNTqx6BW4=',
      'decoded',
    ],
    [
      'UTF-8',
      'POST',
      example,
      '{"name":"王伟😀"}',
      other,
      third,
      'VBjwNj9yHjUkXs9kt73eKwZFUkatGHNs5IJO6KuvBbo=',
      'decoded',
    ],
    ['empty', 'POST', example, '', other, third, '8H9SszhRKPpllwZGhCKVK27qc1BnkkJvM6JxqYUqcm8=', 'decoded'],
  ])('%s', (_name, method, url, body, secret, timestamp, signature, way) => {
    const one = request({ method, url, body, timestamp, signature })
    expect(verifySignature(one, [secret], Number(timestamp) + 1000)).toBe(way)
    expect(verifySignature({ ...one, method: 'PUT' }, [secret], Number(timestamp))).toBeNull()
  })
})

describe('what is refused', () => {
  const good = signed({ body: EVENT })
  const { signature } = good as { signature: string }
  test.each<[string, SignedRequest]>([
    ['no signature', { ...good, signature: undefined }],
    ['empty signature', { ...good, signature: '' }],
    ['part of the signature', { ...good, signature: signature.slice(0, 20) }],
    ['longer signature', { ...good, signature: `${signature}=` }],
    ['wrong signature', { ...good, signature: `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}` }],
    ['signature in hex', { ...good, signature: Buffer.from(signature, 'base64').toString('hex') }],
    ['no timestamp', { ...good, timestamp: undefined }],
    ['empty timestamp', { ...good, timestamp: '' }],
    ['timestamp in seconds', signed({ body: EVENT, timestamp: String(NOW).slice(0, 10) })],
    ['timestamp as text', signed({ body: EVENT, timestamp: new Date(NOW).toISOString() })],
    ['timestamp NaN', signed({ body: EVENT, timestamp: 'NaN' })],
    ['timestamp with a sign', signed({ body: EVENT, timestamp: `+${NOW}` })],
    ['timestamp with a line break', signed({ body: EVENT, timestamp: `${NOW}\n` })],
    ['too old', signed({ body: EVENT, timestamp: String(NOW - 300_001) })],
    ['from the future', signed({ body: EVENT, timestamp: String(NOW + 300_001) })],
    ['other timestamp', { ...good, timestamp: String(NOW + 1) }],
    ['one byte changed', { ...good, body: Buffer.from(EVENT.replace('closedwon', 'closedwom')) }],
    ['JSON spaced anew', { ...good, body: Buffer.from(JSON.stringify(JSON.parse(EVENT), null, 1)) }],
    ['other path', { ...good, url: `${HOOK}2` }],
    ['query added', { ...good, url: `${HOOK}?a=1` }],
    ['other host', { ...good, url: HOOK.replace('example.com', 'example.org') }],
    ['no TLS', { ...good, url: HOOK.replace('https', 'http') }],
    ['other secret', signed({ body: EVENT }, 'other')],
    ['signed with nothing', signed({ body: EVENT }, '')],
  ])('%s', (_name, one) => {
    expect(verifySignature(one, [SECRET, ''], NOW)).toBeNull()
  })

  test('everything while no secret is known', () => {
    expect(verifySignature(good, [], NOW)).toBeNull()
  })

  test('signatures of version 1 and 2 are no signatures', () => {
    const v1 = createHmac('sha256', SECRET).update(EVENT).digest('hex')
    expect(verifySignature({ ...good, signature: v1 }, [SECRET], NOW)).toBeNull()
  })
})

describe('what is accepted', () => {
  test('both secrets while one is being replaced', () => {
    for (const secret of ['old', 'new']) {
      expect(verifySignature(signed({ body: EVENT }, secret), ['new', 'old'], NOW)).toBe('decoded')
    }
  })

  test.each([-300_000, 300_000])('clocks %d ms apart', (apart) => {
    expect(verifySignature(signed({ timestamp: String(NOW + apart) }), [SECRET], NOW)).toBe('decoded')
  })

  test('only the listed escapes are taken out, in either case', () => {
    const url = `${HOOK}?a=%3a%2f%3F%40%21%24%27%28%29%2A%2C%3B&b=%20%25%26%3D%2B%E4%B8%AD`
    const decoded = `${HOOK}?a=:/?@!$'()*,;&b=%20%25%26%3D%2B%E4%B8%AD`
    const { signature } = signed({ url: decoded })
    expect(verifySignature(request({ url, signature }), [SECRET], NOW)).toBe('decoded')
    expect(verifySignature(signed({ url }), [SECRET], NOW)).toBe('raw')
  })
})
