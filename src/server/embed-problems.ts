import { RoiError } from '../errors.ts'
import { Refusal } from './problems.ts'

const AGAIN = { en: 'Open the panel again from the CRM.', 'zh-CN': '请从 CRM 中重新打开面板。' } as const

/** Everything that is wrong with a token or a one-time address, told alike: what exactly is nobody's business. */
export function embedRefused(options?: ErrorOptions): RoiError {
  return new RoiError(
    'auth',
    'bad_embed_token',
    { en: 'This access has ended or is not valid.', 'zh-CN': '此访问已结束或无效。' },
    AGAIN,
    options,
  )
}

/** A token that is valid, but not for this. */
export function outOfScope(): RoiError {
  return new Refusal(
    403,
    'out_of_scope',
    { en: 'This access does not reach that far.', 'zh-CN': '此访问权限不包括该内容。' },
    AGAIN,
  )
}

export function tokenInQuery(): RoiError {
  return new RoiError(
    'usage',
    'token_in_query',
    {
      en: 'A token must not be part of an address: addresses are logged and kept.',
      'zh-CN': '令牌不能写在地址中：地址会被记录和保存。',
    },
    { en: 'Send it as "authorization: Bearer …".', 'zh-CN': '请以 “authorization: Bearer …” 发送。' },
  )
}

export function notPublic(): RoiError {
  return new RoiError(
    'unavailable',
    'public_url_missing',
    { en: 'The service does not know its public address.', 'zh-CN': '服务不知道自己的公开地址。' },
    {
      en: 'Set ROI_PANEL_PUBLIC_URL to the https address of the service and restart it.',
      'zh-CN': '请将 ROI_PANEL_PUBLIC_URL 设为服务的 https 地址并重启。',
    },
  )
}

/** Something of another record or workspace: the same answer as for what does not exist. */
export function notInSession(parameter: string): RoiError {
  return new RoiError(
    'not_found',
    parameter === 'workspace' ? 'unknown_workspace' : 'unknown_record',
    { en: 'There is nothing of that name in this view.', 'zh-CN': '此视图中没有该内容。' },
    AGAIN,
  )
}
