import { z } from 'zod'
import type { ErrorTable, Fault, HttpAnswer } from '../../src/sync/contract.ts'
import { afterDailyLimit } from './unverified.ts'

/** What helps, by code of the answer's body and by status. */
export const ERRORS: ErrorTable = {
  missing_scope: 'fix-settings',
  forbidden: 'fix-settings',
  unauthorized: 'fix-settings',
  DAILY: 'wait',
  TEN_SECONDLY_ROLLING: 'retry',
  SECONDLY: 'retry',
  RATE_LIMITS: 'retry',
  VALIDATION_ERROR: 'report',
  OBJECT_NOT_FOUND: 'report',
  401: 'fix-settings',
  403: 'fix-settings',
  404: 'report',
  408: 'retry',
  423: 'retry',
  429: 'retry',
  // The account is being moved to another data centre.
  477: 'wait',
  500: 'retry',
  502: 'retry',
  503: 'retry',
  504: 'retry',
  // Answers of the network in front of HubSpot.
  521: 'retry',
  522: 'retry',
  523: 'retry',
  524: 'retry',
}

/** HubSpot's names for a refused token, both of which a person must mend. */
const UNAUTHORIZED = new Set(['INVALID_AUTHENTICATION', 'EXPIRED_AUTHENTICATION'])

const scopes = z.array(z.string()).optional().catch(undefined)
const Body = z.object({
  status: z.string().optional().catch(undefined),
  category: z.string().optional().catch(undefined),
  policyName: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  errors: z
    .array(z.object({ context: z.object({ requiredGranularScopes: scopes, requiredScopes: scopes }).optional() }))
    .optional()
    .catch(undefined),
})

/** The error an answer tells in its body, also with status 200. */
export function fault(answer: HttpAnswer): Fault | undefined {
  const parsed = Body.safeParse(answer.body)
  if (!parsed.success) return undefined
  const { status, category, policyName, message = 'HubSpot gave no reason.', errors = [] } = parsed.data
  if (status !== 'error' && answer.status < 400) return undefined
  if (policyName === 'DAILY') return { code: 'DAILY', message, retryAt: afterDailyLimit(answer) }
  const code = policyName ?? category
  if (code === undefined) return undefined
  if (UNAUTHORIZED.has(code)) return { code: 'unauthorized', message }
  if (answer.status === 403 && code !== 'MISSING_SCOPES') return { code: 'forbidden', message }
  if (code === 'MISSING_SCOPES') {
    const named = errors.flatMap(({ context }) => context?.requiredGranularScopes ?? context?.requiredScopes ?? [])
    const needed = named.length > 0 ? `the scope ${named.join(', ')}` : 'a scope'
    return { code: 'missing_scope', message: `The HubSpot token lacks ${needed}. ${message}` }
  }
  return { code, message }
}
