import { RoiError } from '../../errors.ts'

/** Judged as written: a URL parser would turn 2130706433, 0x7f.1 and 127.1 into loopback addresses first. */
const LOOPBACK = /^https?:\/\/(localhost|127(?:\.(?:0|[1-9]\d{0,2})){3}|\[::1\])(?::\d{1,5})?\/?$/

/**
 * Where requests go: the origin of the API, or the loopback address that stands in for it.
 * @throws RoiError `bad_origin` when the stand-in is anything else than a loopback address
 */
export function originOf(api: string, override: string | undefined): URL {
  if (override !== undefined) return loopback(override)
  const url = new URL(api)
  if (url.protocol !== 'https:' || url.origin !== api) throw new Error('the origin of an API is https://host')
  return url
}

function loopback(override: string): URL {
  const host = LOOPBACK.exec(override)?.[1]
  const url = host && URL.canParse(override) ? new URL(override) : undefined
  if (url && url.hostname === host) return url
  throw new RoiError(
    'usage',
    'bad_origin',
    {
      en: 'The replacement for the address of a source is not a loopback address.',
      'zh-CN': '用于替换数据源地址的值不是本机回环地址。',
    },
    {
      en: 'Use http:// or https:// with 127.0.0.1, [::1] or localhost and a port, or remove the setting.',
      'zh-CN': '请使用 http:// 或 https:// 加 127.0.0.1、[::1] 或 localhost 及端口，或删除该设置。',
    },
  )
}
