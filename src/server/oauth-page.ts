import type { Request, Response } from 'express'
import { isRoiError, LOCALES, type Locale, type Text } from '../errors.ts'
import type { Log } from '../log.ts'
import { localeOf, problemOf } from './problems.ts'

const TITLE: Text = { en: 'Not connected', 'zh-CN': '未能连接' }
const BACK: Text = { en: 'Back to the connections', 'zh-CN': '返回连接页面' }
const ID: Text = { en: 'Request', 'zh-CN': '请求编号' }

/**
 * What a person sees who comes back from a source and is not let through: in both languages, his own first. Nothing of
 * what the address held is on it.
 */
export function sendRefusal(
  error: unknown,
  { request, response, log, console }: { request: Request; response: Response; log: Log; console: string },
): void {
  const { id } = response.locals
  const own = localeOf(request) ?? 'en'
  const { status } = problemOf(error, own, id)
  // What nobody expected is told with its id; the log has the rest.
  if (status >= 500 || !isRoiError(error)) log.error({ id, path: request.path, err: error }, 'connecting failed')
  const part = (locale: Locale) => {
    const { message, remedy } = problemOf(error, locale, id).body.error
    return `<section lang="${locale}"><h1>${TITLE[locale]}</h1><p>${escaped(message)}</p>
<p>${escaped(remedy ?? '')}</p><p class="id">${ID[locale]} <code>${id}</code></p>
<p><a href="${escaped(console)}">${BACK[locale]}</a></p></section>`
  }
  const languages = [own, ...LOCALES.filter((locale) => locale !== own)]
  response
    .status(status)
    .set('cache-control', 'no-store')
    .type('html')
    .send(`<!doctype html>
<html lang="${own}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${TITLE[own]}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/oauth/page.css"></head>
<body><main>${languages.map(part).join('<hr>')}</main></body></html>`)
}

/** The few tokens this page needs; the console has the rest. */
export const PAGE_CSS = `:root{color-scheme:light dark}
body{margin:0;padding:32px 16px;background:light-dark(#f6f6f3,#0e1112);color:light-dark(#181c1f,#eceff0);
font:13px/1.5 Inter,system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:560px;margin:0 auto;padding:8px 24px;border:1px solid light-dark(#c5c9c7,#40484c);border-radius:8px;
background:light-dark(#fff,#15191b);overflow-wrap:anywhere}
h1{font-size:15px}hr{border:0;border-block-start:1px solid light-dark(#e3e5e2,#272d30)}
a{color:light-dark(#0b6872,#5fbcc4);line-height:24px}.id{color:light-dark(#474e54,#b4bcc0)}
`

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
