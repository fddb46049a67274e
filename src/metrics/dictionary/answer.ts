import type { Dictionary, DictionaryEntry } from '../../api/dictionary.ts'
import type { Locale, Text } from '../../errors.ts'
import { BENCHMARKED_METRICS } from '../../model/benchmarks.ts'
import type { Workspace } from '../../model/settings.ts'
import { type BenchmarkContext, benchmarkFor } from '../benchmarks.ts'
import { DICTIONARY, ENTRY_NAMES, type EntryName } from './entries.ts'
import type { Entry } from './entry.ts'

const BASES: Readonly<Record<Workspace['settings']['revenue_basis'], Text>> = {
  booked: { en: 'booked', 'zh-CN': '签约' },
  invoiced: { en: 'invoiced', 'zh-CN': '开票' },
  cash: { en: 'cash', 'zh-CN': '回款' },
}
const RETURNS: Readonly<Record<Workspace['settings']['convention'], Text>> = {
  net: { en: 'The workspace reads returns net.', 'zh-CN': '工作区按净 ROI 读取回报。' },
  ratio: { en: 'The workspace reads returns as a ratio.', 'zh-CN': '工作区按投产比读取回报。' },
}

/** The dictionary as a workspace reads it: with its conventions and the benchmarks that apply (F114). */
export function dictionaryOf(
  { key, settings }: Workspace,
  benchmarks: BenchmarkContext,
  configVersion: number,
  locale: Locale,
  names: readonly EntryName[] = ENTRY_NAMES,
): Dictionary {
  return {
    workspace: key,
    config_version: configVersion,
    metrics: names.map((name) => {
      const entry = DICTIONARY[name]
      const benchmarked = BENCHMARKED_METRICS.find((one) => one === name)
      const found = benchmarked ? benchmarkFor(benchmarked, benchmarks) : null
      const returns = entry.id === 'M3' || entry.id === 'M4' ? ` ${RETURNS[settings.convention][locale]}` : ''
      return {
        ...described(name, entry, locale),
        revenue_basis: entry.revenue ? BASES[settings.revenue_basis][locale] : null,
        convention: entry.convention && `${entry.convention[locale]}${returns}`,
        owner: 'roi-panel',
        benchmark: found && {
          low: found.low,
          high: found.high,
          convention: found.convention,
          from: found.from,
          source: found.source,
        },
      }
    }),
  }
}

/** What is true of a metric in every workspace. */
export function described(
  name: string,
  entry: Entry,
  locale: Locale,
): Omit<DictionaryEntry, 'revenue_basis' | 'convention' | 'owner' | 'benchmark'> {
  const { id, label, meaning, formula, expression, unit, inputs, dates, reasons, shown } = entry
  const labels = inputs.map((input) => ({ name: input.name, label: input.label[locale] }))
  return {
    ...{ name, id, unit, expression, label: label[locale], meaning: meaning[locale], dates: dates[locale] },
    formula: labels.reduce((text, input) => text.replaceAll(`{${input.name}}`, input.label), formula[locale]),
    inputs: labels,
    reasons: [...reasons],
    shown: { ...shown },
    source: `product.md §3 ${id}`,
  }
}
