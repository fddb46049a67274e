import type { DoctorReport } from '../../api.ts'
import type { Locale, Text } from '../../errors.ts'
import { defineCommand } from '../command.ts'
import { plain } from '../text.ts'

export default defineCommand({
  name: 'doctor',
  usage: '[--offline]',
  summary: {
    en: 'Check the installation, the stores and the connections, each with its remedy',
    'zh-CN': '检查安装、存储与连接，并给出处理办法',
  },
  notes: {
    en: 'Exit code 1 when something does not work; warnings keep 0.',
    'zh-CN': '存在故障时退出码为 1；仅有警告时为 0。',
  },
  examples: ['doctor', 'doctor --offline --json'],
  options: {
    offline: {
      type: 'boolean',
      help: { en: 'ask no source anything', 'zh-CN': '不访问任何数据源' },
    },
  },
  async run({ options, workspace, locale: asked, json, output, signal, open }) {
    const session = await open()
    const locale = asked ?? output.locale
    const report = await session.call('doctor', { workspace, locale, offline: options.offline ?? false }, { signal })
    if (json) await output.json(report)
    else await output.data(describe(report, locale))
    return report.ok ? 0 : 1
  },
})

type State = DoctorReport['checks'][number]['state']
const MARKS: Readonly<Record<State, string>> = { ok: '✓', warn: '!', fail: '✗', skipped: '–' }
const SUMMARY = {
  fail: { en: 'does not work', 'zh-CN': '项故障' },
  warn: { en: 'to look at', 'zh-CN': '项需留意' },
  ok: { en: 'ok', 'zh-CN': '项正常' },
  skipped: { en: 'skipped', 'zh-CN': '项跳过' },
} as const satisfies Record<State, Text>

function describe({ checks }: DoctorReport, locale: Locale): string {
  const lines = checks.map(({ check, subject, state, message, remedy }) => {
    const about = subject === null ? check : `${check} · ${plain(subject)}`
    const help = remedy === null ? '' : `\n    → ${plain(remedy)}`
    return `${MARKS[state]} ${about}: ${plain(message)}${help}\n`
  })
  const states = Object.keys(SUMMARY) as State[]
  const sums = states.map((state) => [checks.filter((check) => check.state === state).length, state] as const)
  const told = sums.filter(([n]) => n > 0).map(([n, state]) => `${n} ${SUMMARY[state][locale]}`)
  return `${lines.join('')}\n${told.join(locale === 'en' ? ', ' : '，')}\n`
}
