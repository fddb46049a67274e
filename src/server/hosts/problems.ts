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

/** What copied into a shell is the address and nothing else. */
const PLAIN = /^[A-Za-z0-9][\w.+-]*@[\w.-]+$/

/**
 * For a person of the account who is no user of the service, where only users may look. Says what an administrator does about
 * it, because the first who reads it may be the one who installed the app.
 * @param email '' where HubSpot tells none
 * @param workspace key
 * @param connection id
 */
export function notAUser(email: string, workspace: string, connection: string): RoiError {
  const open = `roi-panel connections set ${connection} page_people=everyone --workspace ${workspace}`
  if (email === '') {
    return new Refusal(
      403,
      'no_access',
      {
        en: 'HubSpot does not tell your e-mail address, so the service cannot know whether you are one of its users.',
        'zh-CN': 'HubSpot 未提供您的邮箱，服务无法判断您是否为其用户。',
      },
      {
        en: `An administrator of the service can let everyone of this HubSpot account see the workspace: "${open}". Cards on records do not need it.`,
        'zh-CN': `服务管理员可让该 HubSpot 账户的所有人查看此工作区：${open} 。记录上的卡片无需此设置。`,
      },
    )
  }
  const add = `roi-panel users add ${PLAIN.test(email) ? email : 'E-MAIL'} --workspaces ${workspace}`
  return new Refusal(
    403,
    'no_access',
    {
      en: `${email} is no user of this service, and only its users may see the whole workspace.`,
      'zh-CN': `${email} 不是本服务的用户，只有用户可以查看整个工作区。`,
    },
    {
      en: `An administrator of the service adds a user of that name: "${add}". Or he lets everyone of this HubSpot account see it: "${open}". Cards on records need neither.`,
      'zh-CN': `请服务管理员添加同名用户：${add} ；或让该 HubSpot 账户的所有人查看：${open} 。记录上的卡片无需这些设置。`,
    },
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
