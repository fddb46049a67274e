import type { RoiError } from '../errors.ts'
import { Refusal } from './problems.ts'

/** Why somebody who comes back from a source is not let through. */

const AGAIN = {
  en: 'Begin again in the console: Connections, then Connect.',
  'zh-CN': '请在控制台重新开始：连接 → 连接。',
} as const

/** Missing, foreign, used, too old: all alike to who is not who began. */
export function badState(): RoiError {
  return new Refusal(
    400,
    'bad_state',
    {
      en: 'This way back was used before, is older than ten minutes, or was begun in another browser.',
      'zh-CN': '该返回链接已被使用、超过十分钟，或是在其他浏览器中发起的。',
    },
    AGAIN,
  )
}

export function denied(): RoiError {
  return new Refusal(
    403,
    'access_denied',
    { en: 'Access was not granted. Nothing was changed.', 'zh-CN': '未授予访问权限。未作任何更改。' },
    AGAIN,
  )
}

export function refusedBySource(): RoiError {
  return new Refusal(
    400,
    'grant_failed',
    { en: 'The source did not grant access. Nothing was changed.', 'zh-CN': '数据源未能授权。未作任何更改。' },
    {
      en: 'Check that the client id and the address of this server are those of the app, and that its plan has all scopes that were asked for.',
      'zh-CN': '请检查客户端 ID 与本服务地址是否与应用一致，以及账户套餐是否包含所请求的全部权限。',
    },
  )
}
