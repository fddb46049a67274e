import { randomUUID } from 'node:crypto'
import { decodeJwt, type JWTHeaderParameters, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { EmbedSession } from '../state/embed.ts'
import type { State } from '../state/state.ts'
import { embedRefused } from './embed-problems.ts'

/** How long a token lives, seconds. */
const LIFE_S = 300
const TYPE = 'roi-embed+jwt'
/** The only thing it lets do. */
const SCOPE = 'read'
/** Nothing of ours is longer; what is longer is not looked at. */
const MAX_LENGTH = 2000

/** Whose tokens they are and who takes them. */
export interface Issuer {
  readonly state: Pick<State, 'keysFor' | 'findWorkspace'>
  /** Public address of the service. */
  readonly url: string
  readonly now: () => Date
}

const Claims = z.strictObject({
  iss: z.string(),
  aud: z.string(),
  sub: z.string().min(1),
  /** Key of the workspace. */
  tenant: z.string().min(1),
  /** Id of the session. */
  sid: z.string().min(1),
  scope: z.literal(SCOPE),
  record: z.strictObject({ type: z.string(), id: z.string() }).nullable(),
  jti: z.string().min(1),
  iat: z.int(),
  exp: z.int(),
})
export type EmbedClaims = z.infer<typeof Claims>

/** Whether a bearer token says it is one of ours; what it says is not believed yet. */
export function looksLikeToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text)
}

/** Makes a token of a session: HS256 under a key of its workspace, for at most five minutes. */
export async function issue(
  issuer: Issuer,
  session: EmbedSession,
  workspace: string,
): Promise<{ token: string; expiresAt: Date }> {
  const [current] = await keysOf(issuer, session.tenant)
  const now = Math.floor(issuer.now().getTime() / 1000)
  const exp = Math.min(now + LIFE_S, Math.floor(session.expiresAt.getTime() / 1000))
  const claims: Omit<EmbedClaims, 'iss' | 'aud' | 'sub' | 'jti' | 'iat' | 'exp'> = {
    tenant: workspace,
    sid: session.id,
    scope: SCOPE,
    record: session.record,
  }
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: TYPE, kid: current!.id })
    .setIssuer(issuer.url)
    .setAudience(audienceOf(issuer))
    .setSubject(session.subject)
    .setJti(randomUUID())
    .setIssuedAt(now)
    .setExpirationTime(exp)
    .sign(current!.key)
  return { token, expiresAt: new Date(exp * 1000) }
}

/**
 * What a token says, once it is sure that we said so: one algorithm, a key of the workspace it names, no header that
 * brings or points at a key, every claim there, not older than its life allows.
 * @throws RoiError `bad_embed_token`
 */
export async function verify(issuer: Issuer, token: string): Promise<EmbedClaims & { readonly tenantId: number }> {
  try {
    if (token.length > MAX_LENGTH) throw embedRefused()
    const named = z.string().parse(decodeJwt(token).tenant)
    const workspace = await issuer.state.findWorkspace(named)
    if (!workspace) throw embedRefused()
    const keys = await keysOf(issuer, workspace.tenant)
    const { payload } = await jwtVerify(token, (header) => keyFor(header, keys), {
      algorithms: ['HS256'],
      typ: TYPE,
      issuer: issuer.url,
      audience: audienceOf(issuer),
      requiredClaims: ['iss', 'aud', 'sub', 'tenant', 'sid', 'scope', 'exp', 'iat', 'jti'],
      maxTokenAge: LIFE_S,
      currentDate: issuer.now(),
    })
    return { ...Claims.parse(payload), tenantId: workspace.tenant }
  } catch (cause) {
    throw embedRefused({ cause })
  }
}

type Keys = Awaited<ReturnType<State['keysFor']>>

function keyFor(header: JWTHeaderParameters, keys: Keys) {
  const others = Object.keys(header).filter((name) => name !== 'alg' && name !== 'typ' && name !== 'kid')
  const found = keys.find(({ id }) => id === header.kid)
  if (!found || others.length > 0) throw embedRefused()
  return found.key
}

/** Every workspace has keys of its own: a token of one is never one of another. */
function keysOf({ state }: Issuer, tenant: number): Promise<Keys> {
  return state.keysFor(`embed token of workspace ${tenant}`)
}

function audienceOf({ url }: Issuer): string {
  return `${url}/api/v1`
}
