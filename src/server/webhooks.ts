import express, { type Request, Router } from 'express'
import { ConnectorError, isRoiError, RoiError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { State } from '../state/state.ts'
import type { FindConnector } from '../sync/connections.ts'
import type { Connector, Delivery } from '../sync/contract.ts'
import { parseJson } from '../sync/http/json.ts'
import type { Inbox } from '../sync/inbox.ts'
import { acceptWebhook } from '../sync/inbox-event.ts'
import { Refusal } from './problems.ts'

/** Of one delivery; a hundred events are about 30 KB. */
const MAX_BODY = 2 * 1024 * 1024

/** What the receiver works with. */
export interface WebhooksEnv {
  readonly state: Pick<State, 'addEvents' | 'connections' | 'addRejects' | 'forgetRejects'>
  readonly findConnector: FindConnector
  /** Our client secrets at a source, all that are valid now. */
  readonly secretsOf: (connector: string) => readonly string[]
  /** Public address that sources call, without a trailing slash: what they sign begins with it. */
  readonly publicUrl: string | undefined
  readonly inbox: Pick<Inbox, 'wake'>
  readonly log: Log
  /** Counts those whose signature was right; default: one that nobody reads. */
  readonly signed?: SignedCounts | undefined
}

/**
 * Webhooks whose signature was right, by connector and by what of them was signed (see {@link Connector.verify}), since the
 * start: which reading of an address a source signs is not documented everywhere.
 */
export type SignedCounts = Map<string, Map<string, number>>

type Receiver = Connector & Required<Pick<Connector, 'verify' | 'receive'>>

/**
 * Where sources tell what happened: `POST /webhooks/:connector`, signed by the source.
 *
 * In this order: size (2 MB) and encoding → raw bytes → signature and its time → parse → each event by itself → durable
 * write → answer. What happens then, happens later, from the inbox.
 *
 * 200 `{"events":n,"added":n,"rejected":n}`: everything is on disk. `added`: of these not known yet and of connected
 * accounts; `rejected`: could not be understood, set aside with the reason. Kinds of event that nobody asked for and
 * accounts that nobody connected are answered with 200 as well and kept nowhere: a source would send them again.
 *
 * Errors: Problem. 400 `bad_webhook` a signed body that cannot be read; 401 `bad_signature`, for whatever reason, nothing
 * is kept; 404 `not_found` no such connector, or none that sends webhooks; 405 `method_not_allowed`; 413 `body_too_large`;
 * 415 a compressed body, which is not even opened; 503 the store cannot write, or `webhooks_off` while no client secret or
 * public address is set: the source tries again, for a day at least.
 */
export function webhookRoutes(env: WebhooksEnv): Router {
  const router = Router()
  const { signed = new Map() } = env
  const raw = express.raw({ type: () => true, limit: MAX_BODY, inflate: false })
  router.post('/:connector', raw, async (request, response) => {
    const connector = await receiverOf(env, String(request.params.connector))
    const delivery = deliveryOf(env, request)
    const secrets = env.secretsOf(connector.id)
    if (!delivery || secrets.length === 0) throw off(connector)
    const way = connector.verify(delivery, secrets)
    if (way === null) throw badSignature()
    note(signed, env.log, connector.id, way)
    const accepted = await accept(env, connector, delivery)
    if (accepted.added > 0) env.inbox.wake()
    response.set('cache-control', 'no-store').json(accepted)
  })
  router.all('/:connector', (_request, response) => {
    response.set('allow', 'POST')
    throw new Refusal(405, 'method_not_allowed', {
      en: 'Webhooks are sent here with POST.',
      'zh-CN': '此处只接收以 POST 发送的 Webhook。',
    })
  })
  return router
}

/** Nothing of the request itself: neither signature nor body nor address. */
function note(signed: SignedCounts, log: Log, connector: string, way: string): void {
  const counts = signed.get(connector) ?? new Map<string, number>()
  signed.set(connector, counts.set(way, (counts.get(way) ?? 0) + 1))
  log.debug({ connector, signed: way, count: counts.get(way) }, 'the signature of a webhook is right')
}

async function receiverOf({ findConnector }: WebhooksEnv, id: string): Promise<Receiver> {
  const connector = await findConnector(id)
  if (connector?.verify && connector.receive) return connector as Receiver
  throw new RoiError('not_found', 'not_found', {
    en: 'There is nothing at this address.',
    'zh-CN': '该地址不存在。',
  })
}

function deliveryOf({ publicUrl }: WebhooksEnv, request: Request): Delivery | undefined {
  if (publicUrl === undefined) return undefined
  const headers: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  const body: Buffer = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  return {
    method: request.method,
    url: `${publicUrl}${request.originalUrl}`,
    headers,
    body,
    receivedAt: new Date(),
    json: () => parseJson(body.toString()),
  }
}

async function accept({ state, log }: WebhooksEnv, connector: Receiver, delivery: Delivery) {
  try {
    return await acceptWebhook(state, connector, delivery)
  } catch (error) {
    if (error instanceof ConnectorError) throw badWebhook(error)
    log.error({ connector: connector.id, err: error }, 'a webhook could not be kept')
    throw isRoiError(error) && error.kind === 'unavailable' ? error : notKept(error)
  }
}

function off({ id, title }: Receiver): RoiError {
  const name = id.toUpperCase().replaceAll('-', '_')
  return new RoiError(
    'unavailable',
    'webhooks_off',
    {
      en: `Webhooks of ${title.en} cannot be checked yet.`,
      'zh-CN': `尚无法校验 ${title['zh-CN']} 的 Webhook。`,
    },
    {
      en: `Set ROI_PANEL_PUBLIC_URL and ROI_PANEL_${name}_CLIENT_SECRET.`,
      'zh-CN': `请设置 ROI_PANEL_PUBLIC_URL 和 ROI_PANEL_${name}_CLIENT_SECRET。`,
    },
  )
}

function badSignature(): RoiError {
  return new RoiError(
    'auth',
    'bad_signature',
    { en: 'The signature of this webhook is not valid.', 'zh-CN': '该 Webhook 的签名无效。' },
    {
      en: 'Client secret, public address and clock of this server must be right.',
      'zh-CN': '请检查客户端密钥、公开地址以及本服务器的时钟。',
    },
  )
}

function badWebhook(cause: ConnectorError): Refusal {
  const refusal = new Refusal(400, 'bad_webhook', {
    en: 'The body of this webhook cannot be read.',
    'zh-CN': '无法读取该 Webhook 的内容。',
  })
  refusal.cause = cause
  return refusal
}

function notKept(cause: unknown): RoiError {
  return new RoiError(
    'unavailable',
    'webhook_not_kept',
    { en: 'The webhook could not be kept.', 'zh-CN': '无法保存该 Webhook。' },
    { en: 'Send it again later.', 'zh-CN': '请稍后重新发送。' },
    { cause },
  )
}
