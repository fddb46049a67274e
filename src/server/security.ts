import { isIP } from 'node:net'
import type { RequestHandler } from 'express'
import helmet from 'helmet'
import { Refusal } from './problems.ts'

/** Addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').replace(/^::ffff:/i, '')
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))
}

/** Security headers of every answer (S7). No inline script or style, no foreign origin, frames of this origin only. */
export const securityHeaders: RequestHandler = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      'default-src': ["'self'"],
      'script-src': ["'self'"],
      'style-src': ["'self'"],
      'img-src': ["'self'", 'data:'],
      'font-src': ["'self'"],
      'connect-src': ["'self'"],
      'object-src': ["'none'"],
      'base-uri': ["'none'"],
      'form-action': ["'self'"],
      'frame-ancestors': ["'self'"],
    },
  },
  crossOriginEmbedderPolicy: false,
  referrerPolicy: { policy: 'no-referrer' },
})

/**
 * Refuses requests whose Host is not ours (DNS rebinding): a foreign page whose name was pointed at this machine would
 * otherwise read everything as its own. Only where the server is bound to loopback; elsewhere a proxy decides.
 * @param publicHost host of the public address, when one is configured
 */
export function hostGuard(boundTo: string, publicHost: string | undefined): RequestHandler {
  if (!isLoopback(boundTo)) return (_request, _response, next) => next()
  return (request, _response, next) => {
    const host = request.headers.host ?? ''
    const name = host.replace(/:\d+$/, '')
    if (isLoopback(name) || (publicHost !== undefined && host === publicHost)) return next()
    next(
      new Refusal(
        403,
        'wrong_host',
        { en: 'This server does not answer under that name.', 'zh-CN': '本服务不接受该主机名。' },
        {
          en: 'Open it as localhost, or set ROI_PANEL_PUBLIC_URL to its address.',
          'zh-CN': '请使用 localhost 访问，或将 ROI_PANEL_PUBLIC_URL 设为其地址。',
        },
      ),
    )
  }
}

/**
 * Lets writes through only from our own pages and from programs (S20). A browser says where a request comes from
 * (Origin, Sec-Fetch-Site); and neither content type below can be sent across origins without asking first, which is
 * never allowed.
 */
export const writeGuard: RequestHandler = (request, _response, next) => {
  if (request.method === 'GET' || request.method === 'HEAD') return next()
  const { origin, host } = request.headers
  const site = request.headers['sec-fetch-site']
  const foreign =
    (site !== undefined && site !== 'same-origin' && site !== 'none') ||
    (origin !== undefined && hostOf(origin) !== host)
  if (foreign) {
    return next(
      new Refusal(403, 'cross_site', {
        en: 'Changes are accepted only from pages of this server.',
        'zh-CN': '只接受来自本服务页面的修改请求。',
      }),
    )
  }
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type === 'application/octet-stream' || type === 'application/json') return next()
  next(
    new Refusal(
      415,
      'wrong_content_type',
      { en: 'This content type is not accepted here.', 'zh-CN': '此处不接受该内容类型。' },
      {
        en: 'Send JSON with "content-type: application/json", a file with "application/octet-stream".',
        'zh-CN': '发送 JSON 请使用 “content-type: application/json”，发送文件请使用 “application/octet-stream”。',
      },
    ),
  )
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
