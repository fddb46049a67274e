import { randomUUID } from 'node:crypto'
import type { FakeAnswer } from '../http.ts'

/** Any refusal with HubSpot's envelope. */
export function refusal(status: number, category: string, message: string, rest: object = {}): FakeAnswer {
  return { status, body: { status: 'error', message, correlationId: randomUUID(), category, ...rest } }
}

export function invalid(message: string): FakeAnswer {
  return refusal(400, 'VALIDATION_ERROR', message)
}

export function notFound(message = 'resource not found'): FakeAnswer {
  return refusal(404, 'OBJECT_NOT_FOUND', message)
}

export function unauthorized(expired: boolean): FakeAnswer {
  if (!expired) {
    const message =
      'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview'
    return refusal(401, 'INVALID_AUTHENTICATION', message)
  }
  const message = 'The OAuth token used to make this call expired 5 minute(s) ago.'
  return refusal(401, 'EXPIRED_AUTHENTICATION', message, { context: { 'expire time': ['5 minute(s) ago'] } })
}

export function missingScopes(scopes: readonly string[]): FakeAnswer {
  const message =
    "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes."
  return refusal(403, 'MISSING_SCOPES', message, {
    errors: [
      {
        message: 'One or more of the following scopes are required.',
        context: { requiredGranularScopes: scopes },
      },
    ],
    links: { scopes: 'https://developers.hubspot.com/scopes' },
  })
}

/** 429; `policy` is one of TEN_SECONDLY_ROLLING, SECONDLY, DAILY. */
export function tooMany(policy: string): FakeAnswer {
  return {
    status: 429,
    body: {
      status: 'error',
      message: `You have reached your ${policy.toLowerCase()} limit.`,
      errorType: 'RATE_LIMIT',
      correlationId: randomUUID(),
      policyName: policy,
    },
  }
}
