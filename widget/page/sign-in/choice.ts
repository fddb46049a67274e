import { languageOf } from '../../languages.ts'
import type { Words } from '../../locales/words.ts'
import { tokens } from '../../styles/tokens.ts'

/** Language and look of a page, as the plain page remembers them. */
const STORE = 'roi-page'
export const LANGUAGES: Record<Words['tag'], string> = { 'zh-CN': '中文', en: 'English' }

interface Stored {
  readonly locale?: string
  readonly theme?: string
}

/** Puts the tokens in force. @returns the language to begin with */
export function dress(): Words['tag'] {
  document.adoptedStyleSheets = [tokens.styleSheet!]
  const { locale, theme } = recalled()
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
  return languageOf(new URLSearchParams(location.search).get('locale'), locale, navigator.language)
}

export function remember(locale: Words['tag']): void {
  try {
    localStorage.setItem(STORE, JSON.stringify({ ...recalled(), locale }))
  } catch {
    // Private windows may forbid it; the choice then lasts as long as the page.
  }
}

function recalled(): Stored {
  try {
    return (JSON.parse(localStorage.getItem(STORE) ?? '{}') ?? {}) as Stored
  } catch {
    return {}
  }
}
