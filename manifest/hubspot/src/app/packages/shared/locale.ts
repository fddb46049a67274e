import { en } from './en.ts'
import type { Words } from './words.ts'
import { zhCN } from './zh-cn.ts'

export type Locale = Words['tag']

/** The part of HubSpot's context that tells the language. */
interface User {
  readonly language?: string
  readonly locale?: string
}

/**
 * The language of the person. HubSpot names two: the one its interface is in, and the one numbers and dates are
 * written in. Words next to HubSpot's own follow the interface.
 */
export function localeOf(user: User): Locale {
  return /^zh\b/i.test(user.language ?? user.locale ?? '') ? 'zh-CN' : 'en'
}

export function wordsOf(locale: Locale): Words {
  return locale === 'zh-CN' ? zhCN : en
}
