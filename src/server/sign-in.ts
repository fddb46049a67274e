import express, { type Request, type Response, Router } from 'express'
import { z } from 'zod'
import { SessionInfo } from '../api.ts'
import { addSecret } from '../redact.ts'
import { actingAs } from '../state/actor.ts'
import type { State } from '../state/state.ts'
import type { User } from '../state/users.ts'
import { type Auth, digestOf, newSecret } from './auth.ts'
import { badSetupLink, wrongSignIn } from './auth-problems.ts'
import { rightsOf } from './auth-rights.ts'
import { parse } from './parse.ts'
import { SignInLimits } from './sign-in-limits.ts'
import { checkPassword, hashPassword, isPassword, MAX_PASSWORD } from './sign-in-password.ts'

/** How long the link that makes the first user is good, milliseconds. */
const SETUP_MS = 30 * 60_000
const SETUP = 'setup'

const Name = z.string().trim().min(1).max(100)
const Credentials = z.strictObject({
  name: Name,
  password: z
    .string()
    .min(1)
    .max(4 * MAX_PASSWORD),
})
const Setup = Credentials.extend({ token: z.string().regex(/^[\w-]{43}$/) })

/**
 * Signing in and out. Sessions are 256 random bits in a cookie of this server alone (HttpOnly, SameSite=Lax, Secure behind
 * https); they end after 12 hours unused, after 7 days, and when the password or the role changes. Writes are held to this
 * server's own pages before they come here.
 *
 * - `GET /session` → SessionInfo: whether signing in is needed, and who is signed in
 * - `POST /session` `{name, password}` → SessionInfo
 * - `DELETE /session` → SessionInfo
 * - `POST /setup` `{token, name, password}` → SessionInfo: makes the first user, an admin, and signs him in
 *
 * Errors: 400 `bad_request`, `weak_password`, `not_first_user`; 401 `wrong_sign_in`, `bad_setup_link`; 429 `too_many_tries`.
 */
export function signInRoutes(state: State, auth: Auth, now?: () => number): Router {
  const router = Router()
  const json = express.json({ limit: '8kb', inflate: false })
  const limits = new SignInLimits(now)

  const tell = async (request: Request, response: Response) => {
    const principal = await auth.who(request, response)
    const required = await auth.required()
    send(response, {
      required,
      setup: required && !(await state.hasUsers()),
      user: principal?.user ? { name: principal.user.name, role: principal.user.role } : null,
      workspaces: principal?.workspaces ? [...principal.workspaces] : null,
      rights: principal ? [...rightsOf(principal.role)] : [],
    })
  }
  /** Who reaches a limit is audited, by his name only where there is a user of it: people type passwords into that field. */
  const failed = async (name: string, address: string, subject: string) => {
    for (const limit of limits.failed(name, address)) {
      await state.noteAudit({ tenant: null, action: 'sign_in_limit', subject, before: null, after: { limit, address } })
    }
  }
  /** A session of its own for each signing in: none that was planted before is ever used. */
  const begin = async (request: Request, response: Response, user: User) => {
    await end(request)
    const secret = newSecret()
    addSecret(secret)
    await state.startSession(digestOf(secret), user.id)
    auth.setCookie(response, 'session', secret)
    send(response, {
      required: true,
      setup: false,
      user: { name: user.name, role: user.role },
      workspaces: await auth.workspacesOf(user),
      rights: [...rightsOf(user.role)],
    })
  }
  const end = async (request: Request) => {
    const secret = auth.cookie(request, 'session')
    if (secret !== undefined) await state.endSession(digestOf(secret))
  }

  router.get('/session', tell)
  router.post('/session', json, async (request, response) => {
    const { name, password } = parse(Credentials, request.body ?? {})
    addSecret(password)
    const address = request.socket.remoteAddress ?? ''
    limits.check(name, address, response)
    const user = await state.findUser(name)
    if (!(await isPassword(password, user?.password)) || !user) {
      await failed(name, address, user?.name ?? '')
      throw wrongSignIn()
    }
    await begin(request, response, user)
  })
  router.delete('/session', async (request, response) => {
    await end(request)
    auth.clearCookie(response, 'session')
    delete request.headers.cookie
    await tell(request, response)
  })
  router.post('/setup', json, async (request, response) => {
    const { token, name, password } = parse(Setup, request.body ?? {})
    addSecret(token)
    addSecret(password)
    const address = request.socket.remoteAddress ?? ''
    limits.check(SETUP, address, response)
    checkPassword(password)
    const ticket = await state.takeTicket(digestOf(token))
    if (ticket?.purpose !== SETUP) {
      await failed(SETUP, address, '')
      throw badSetupLink()
    }
    const user = { name, role: 'admin', tenants: null, password: await hashPassword(password) } as const
    await begin(request, response, await actingAs('setup_link', () => state.addUser(user, true)))
  })
  return router
}

/**
 * The link that makes the first user of a server that others reach; undefined where somebody can sign in already or nobody
 * must. What proves it stands in the fragment, which no server and no log ever sees.
 */
export async function setupLink(state: State, auth: Auth, origin: string): Promise<string | undefined> {
  if (!(await auth.required()) || (await state.hasUsers())) return undefined
  const token = newSecret()
  const expiresAt = new Date(Date.now() + SETUP_MS)
  await state.keepTicket({ digest: digestOf(token), purpose: SETUP, data: null, expiresAt })
  return `${origin}/sign-in/#setup=${token}`
}

function send(response: Response, info: SessionInfo): void {
  response.set('cache-control', 'no-store').json(SessionInfo.parse(info))
}
