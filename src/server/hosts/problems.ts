import { RoiError } from '../../errors.ts'
import { Refusal } from '../problems.ts'

/** Unsigned, changed, too old, or of a person it does not name once: told alike. */
export function badSignature(): RoiError {
  return new RoiError(
    'auth',
    'bad_signature',
    {
      en: 'The request is not signed by HubSpot for this service.',
      'zh-CN': '该请求没有 HubSpot 对本服务的有效签名。',
    },
    {
      en: 'Compare the client secret of the service with that of the app, and its public address with BACKEND_URL.',
      'zh-CN': '请核对服务的客户端密钥与应用的密钥，以及服务的公开地址与 BACKEND_URL。',
    },
  )
}

export function secretMissing(): RoiError {
  return new RoiError(
    'unavailable',
    'client_secret_missing',
    { en: 'The service has no client secret of the HubSpot app.', 'zh-CN': '服务尚未设置 HubSpot 应用的客户端密钥。' },
    {
      en: 'Set ROI_PANEL_HUBSPOT_CLIENT_SECRET to the secret of the app and restart the service.',
      'zh-CN': '请将 ROI_PANEL_HUBSPOT_CLIENT_SECRET 设为该应用的密钥并重启服务。',
    },
  )
}

export function notConnected(): RoiError {
  return new RoiError(
    'not_found',
    'not_connected',
    { en: 'This HubSpot account is not connected.', 'zh-CN': '该 HubSpot 账户尚未连接。' },
    { en: 'Connect it in the console of the service.', 'zh-CN': '请在服务的控制台中连接。' },
  )
}

export function noAccess(): RoiError {
  return new Refusal(
    403,
    'no_access',
    { en: 'You may not see this workspace.', 'zh-CN': '你无权查看此工作区。' },
    { en: 'Ask an administrator of the service for access.', 'zh-CN': '请向服务的管理员申请访问权限。' },
  )
}

export function pending(): RoiError {
  return new Refusal(
    409,
    'pending',
    { en: 'The first synchronization is not done yet.', 'zh-CN': '首次同步尚未完成。' },
    { en: 'The settings page of this app shows how far it is.', 'zh-CN': '本应用的设置页会显示进度。' },
  )
}

export function tooSlow(): RoiError {
  return new RoiError(
    'unavailable',
    'too_slow',
    { en: 'The answer takes too long.', 'zh-CN': '查询用时过长。' },
    { en: 'Try again in a moment.', 'zh-CN': '请稍后重试。' },
  )
}

export function tooLarge(): RoiError {
  return new RoiError(
    'too_large',
    'answer_too_large',
    { en: 'The answer is larger than HubSpot takes.', 'zh-CN': '结果超过 HubSpot 允许的大小。' },
    { en: 'Open the full panel.', 'zh-CN': '请打开完整面板。' },
  )
}
