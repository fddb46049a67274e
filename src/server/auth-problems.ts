import { RoiError } from '../errors.ts'
import { Refusal } from './problems.ts'

/** Refusals of sign-in and rights. None tells whether what was asked for exists. */

export function notSignedIn(): RoiError {
  return new RoiError(
    'auth',
    'not_signed_in',
    { en: 'Sign in first.', 'zh-CN': '请先登录。' },
    { en: 'Open /sign-in/ of this server.', 'zh-CN': '请打开本服务的 /sign-in/ 页面。' },
  )
}

export function notAllowed(): RoiError {
  return new Refusal(
    403,
    'not_allowed',
    { en: 'Your role does not allow this.', 'zh-CN': '您的角色无权执行此操作。' },
    { en: 'Ask an administrator of this server.', 'zh-CN': '请联系管理员。' },
  )
}

/** The same as for a workspace that does not exist, naming only what the person may see. */
export function noSuchWorkspace(key: string, known: readonly string[]): RoiError {
  const shown = key.slice(0, 80)
  const list = known.join(', ')
  return new RoiError(
    'not_found',
    'unknown_workspace',
    { en: `There is no workspace "${shown}".`, 'zh-CN': `没有名为“${shown}”的工作区。` },
    { en: `Known: ${list || 'none'}.`, 'zh-CN': `现有：${list || '暂无'}。` },
  )
}

export function nowhere(): RoiError {
  return new RoiError('not_found', 'not_found', {
    en: 'There is nothing at this address.',
    'zh-CN': '该地址不存在。',
  })
}

/** Says nothing of which part was wrong. */
export function wrongSignIn(): RoiError {
  return new RoiError(
    'auth',
    'wrong_sign_in',
    { en: 'Name or password is wrong.', 'zh-CN': '用户名或密码错误。' },
    {
      en: 'Try again. A password is set anew with "roi-panel users password NAME" on the machine of the server.',
      'zh-CN': '请重试。可在服务器上用 roi-panel users password 名称 重设密码。',
    },
  )
}

export function tooManyTries(): RoiError {
  return new Refusal(
    429,
    'too_many_tries',
    { en: 'Too many failed sign-ins.', 'zh-CN': '登录失败次数过多。' },
    { en: 'Wait some minutes and try again.', 'zh-CN': '请等待几分钟后重试。' },
  )
}

export function badSetupLink(): RoiError {
  return new RoiError(
    'auth',
    'bad_setup_link',
    { en: 'This link is not valid any more.', 'zh-CN': '该链接已失效。' },
    {
      en: 'Restart the server: while it has no user it prints a new one.',
      'zh-CN': '请重启服务：在没有用户时，它会输出新的链接。',
    },
  )
}
