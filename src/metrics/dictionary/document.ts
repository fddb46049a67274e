import type { Locale, Text } from '../../errors.ts'
import { UNIT_NAMES } from '../custom-units.ts'
import { described } from './answer.ts'
import { DICTIONARY, ENTRY_NAMES } from './entries.ts'
import type { Entry } from './entry.ts'

const WORDS = {
  title: { en: 'Metrics', 'zh-CN': '指标词典' },
  intro: {
    en: 'Every number that roi-panel shows, with its formula. Made from the program by `npm run dictionary`; a test compares the two. Names in braces are inputs; `roi-panel explain METRIC` fills them in and lists the rows behind them.',
    'zh-CN':
      'roi-panel 显示的全部数字及其公式。由 `npm run dictionary` 从程序生成，并有测试核对。花括号中为输入项；`roi-panel explain METRIC` 会代入数值并列出明细。',
  },
  formula: { en: 'Formula', 'zh-CN': '公式' },
  unit: { en: 'Unit', 'zh-CN': '单位' },
  dates: { en: 'Dates', 'zh-CN': '时间口径' },
  basis: { en: 'Follows the revenue basis', 'zh-CN': '随收入口径' },
  convention: { en: 'Convention', 'zh-CN': '读法' },
  reasons: { en: 'n/a when', 'zh-CN': '不适用原因' },
  shown: { en: 'Shown in', 'zh-CN': '所在位置' },
  source: { en: 'Source', 'zh-CN': '出处' },
} as const satisfies Record<string, Text>
export const DOCUMENTS = { en: 'DICTIONARY.md', 'zh-CN': 'DICTIONARY.zh-CN.md' } as const satisfies Record<
  Locale,
  string
>

/** The dictionary as a Markdown file (F114). */
export function dictionaryDocument(locale: Locale): string {
  const sections = ENTRY_NAMES.map((name) => section(name, DICTIONARY[name], locale))
  return `# ${WORDS.title[locale]}\n\n${WORDS.intro[locale]}\n\n${sections.join('\n')}`
}

function section(name: string, entry: Entry, locale: Locale): string {
  const word = (key: keyof typeof WORDS) => WORDS[key][locale]
  const { id, label, meaning, formula, expression, unit, dates, reasons, shown, source } = described(
    name,
    entry,
    locale,
  )
  const lines = [
    `${word('formula')}: ${formula} · \`${expression}\``,
    `${word('unit')}: ${UNIT_NAMES[unit][locale]}`,
    `${word('dates')}: ${dates}`,
    ...(entry.revenue ? [word('basis')] : []),
    ...(entry.convention ? [`${word('convention')}: ${entry.convention[locale]}`] : []),
    ...(reasons.length > 0 ? [`${word('reasons')}: ${reasons.map((reason) => `\`${reason}\``).join(', ')}`] : []),
    `${word('shown')}: \`roi-panel ${shown.command}\`, \`${shown.route}\`, \`${shown.field}\``,
    `${word('source')}: ${source}`,
  ]
  return `## ${id} ${label} (\`${name}\`)\n\n${meaning}\n\n${lines.map((line) => `- ${line}\n`).join('')}`
}
