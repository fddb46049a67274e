import type { Words } from './locales/words.ts'

const LOADERS: Record<Words['tag'], () => Promise<{ default: Words }>> = {
  'zh-CN': () => import('./locales/zh-CN.ts'),
  en: () => import('./locales/en.ts'),
}

/** Language to speak for a `locale` attribute or `lang`: any Chinese is zh-CN, everything else English. */
export function languageOf(...wishes: readonly (string | null | undefined)[]): Words['tag'] {
  const wish = wishes.find((each) => each?.trim())
  return /^zh\b/i.test(wish ?? '') ? 'zh-CN' : 'en'
}

/** Words of a language, as their own chunk. */
export async function loadWords(tag: Words['tag']): Promise<Words> {
  return (await LOADERS[tag]()).default
}
