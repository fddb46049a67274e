import type { Locale, Text } from '../errors.ts'
import { plain } from './text.ts'

const KNOWN: Readonly<Record<string, Text>> = {
  command_line: { en: '(command line)', 'zh-CN': '（命令行）' },
  machine: { en: '(this machine)', 'zh-CN': '（本机）' },
  setup_link: { en: '(setup link)', 'zh-CN': '（初始设置链接）' },
}
const PROGRAM: Text = { en: '(by itself)', 'zh-CN': '（自动）' }

/** Who did something, as people read it: a name, or what stands for nobody in particular. */
export function authorText(author: string | null, locale: Locale): string {
  if (author === null) return PROGRAM[locale]
  return KNOWN[author]?.[locale] ?? plain(author.slice(author.indexOf(':') + 1))
}
