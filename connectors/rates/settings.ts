import { z } from 'zod'
import { FIELDS } from '../../src/sync/contract.ts'
import { say } from './words.ts'

/** What a feed of rates needs to know. */
export const Settings = z.object({
  currencies: z
    .string()
    .trim()
    .regex(/^[a-z]{3}(?:[\s,，]+[a-z]{3})*$/i, 'no currency codes')
    .default('CNY,USD,GBP,JPY,HKD')
    .register(FIELDS, {
      label: say('Currencies', '币种'),
      help: say(
        'Currencies to read the rate of, besides the euro: those of your amounts, and that of the workspace.',
        '除欧元外需要读取汇率的币种：各项金额所用的币种，以及工作区币种。',
      ),
      example: 'CNY,USD',
    }),
  since: z.iso
    .date()
    .default('2023-01-01')
    .register(FIELDS, {
      label: say('From', '起始日期'),
      help: say('First day to read rates of. Earlier amounts have none.', '读取汇率的第一天。更早的金额没有汇率。'),
      example: '2023-01-01',
    }),
  feed: z
    .string()
    .trim()
    .regex(/^[a-z0-9-]{1,40}$/, 'no name')
    .default('ecb')
    .register(FIELDS, {
      label: say('Name of the feed', '名称'),
      help: say(
        'Each workspace reads rates for itself, under a name of its own: choose another one where two workspaces do.',
        '每个工作区各自读取汇率，名称不能重复：多个工作区使用时请另取名称。',
      ),
      example: 'ecb',
    }),
})
export type RatesSettings = z.output<typeof Settings>

/** The wanted currencies, in upper case. */
export function wantedOf({ currencies }: RatesSettings): ReadonlySet<string> {
  return new Set(currencies.toUpperCase().split(/[\s,，]+/))
}
