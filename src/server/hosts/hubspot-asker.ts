import type { Request } from 'express'
import { z } from 'zod'
import type { Connector, SignedRequest } from '../../sync/contract.ts'
import { notPublic } from '../embed-problems.ts'
import { badSignature, secretMissing } from './problems.ts'

const id = z.string().regex(/^\d{1,20}$/)
/** What HubSpot appends to the address of every call of an app, and signs. */
const Signed = z.object({ portalId: id, userId: id, appId: id, userEmail: z.string().max(320).default('') })
const NAMES = ['portalId', 'userId', 'userEmail', 'appId']

/** Who asks, from the signed part of a request only. */
export interface Asker extends z.output<typeof Signed> {}

/** Names a person of an account, among all accounts. */
export function subjectOf({ portalId, userId }: Asker): string {
  return `${portalId}:${userId}`
}

/** The person's id in his account. */
export function userOf(subject: string): string {
  return subject.slice(subject.indexOf(':') + 1)
}

/** What tells HubSpot's requests from others. */
export interface AskerEnv {
  readonly connector: () => Promise<Connector | undefined>
  /** Secrets of the app that are valid now. */
  readonly secrets: readonly string[]
  readonly publicUrl: string | undefined
  readonly now: () => Date
}

/**
 * Who sent a request, once the signature of HubSpot is proved over the address it called: the configured public one with path
 * and query as they came, never `Host`. HubSpot appends who asks to whatever query the caller wrote, and signs the whole; a
 * caller that writes one of the names itself makes it stand there twice, and is refused.
 * @throws RoiError `bad_signature`; `public_url_missing`, `client_secret_missing` where the service is not set up for it
 */
export async function askerOf(env: AskerEnv, request: Request): Promise<Asker> {
  if (env.publicUrl === undefined) throw notPublic()
  if (env.secrets.length === 0) throw secretMissing()
  const connector = await env.connector()
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const url = env.publicUrl + request.originalUrl
  const signed: SignedRequest = {
    method: request.method,
    url,
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, [value].flat()[0]])),
    body,
    receivedAt: env.now(),
  }
  if (!connector?.verify?.(signed, env.secrets)) throw badSignature()
  const query = new URL(url).searchParams
  if (NAMES.some((name) => query.getAll(name).length > 1)) throw badSignature()
  const who = Signed.safeParse(Object.fromEntries(query))
  if (!who.success) throw badSignature()
  return who.data
}
