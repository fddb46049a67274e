import type { Reason } from '../api.ts'
import type { Locale } from '../errors.ts'
import type { Invocation, Options } from './command.ts'
import { PERIOD, READING } from './commands/report.ts'
import type { Figures } from './figures.ts'
import { usage } from './parse.ts'
import type { Session } from './session.ts'

/** What the commands about funnels, customers, influence and delivery have in common. */

/** Options of a question about a period. */
export const QUESTION = {
  by: {
    type: 'string',
    value: 'DIMENSION',
    help: {
      en: 'channel, campaign, parent, type, region, product_line, department, tier, brand, online',
      'zh-CN': 'channel、campaign、parent、type、region、product_line、department、tier、brand、online',
    },
  },
  from: PERIOD.from,
  to: PERIOD.to,
} as const satisfies Options
export const MODEL = { model: PERIOD.model } as const satisfies Options
export const BASIS = { basis: READING.basis } as const satisfies Options

/** Language of an answer for people: asked for, else the workspace's. */
export async function languageOf({ locale, workspace }: Pick<Invocation, 'locale' | 'workspace'>, session: Session) {
  return locale ?? ((await session.call('settings', { workspace })).settings.locale as Locale)
}

/** @throws RoiError `too_many_arguments` */
export function noArguments(command: string, positionals: readonly string[]): void {
  if (positionals.length === 0) return
  throw usage(
    'too_many_arguments',
    { en: `${command} takes options only.`, 'zh-CN': `${command} 只接受选项。` },
    { en: `See "${command} --help".`, 'zh-CN': `详见 “${command} --help”。` },
  )
}

/** The first line of an answer: workspace, period and whatever else it rests on. */
export function headline(
  query: { readonly workspace: string; readonly from: string | null; readonly to: string | null },
  ...more: readonly string[]
): string {
  const period = query.from || query.to ? [`${query.from ?? '…'} – ${query.to ?? '…'}`] : []
  return `${[query.workspace, ...more, ...period].join(' · ')}\n\n`
}

/** A figure, or why there is none. */
export function orReason<T>(
  value: T | null,
  write: (value: T) => string,
  { missing }: Figures,
  reason: Reason | undefined,
): string {
  return value === null ? missing(reason) : write(value)
}
