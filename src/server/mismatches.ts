import type { Text } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import type { Identity } from '../sync/contract.ts'

/** Something in which an account and its workspace differ. */
export interface Mismatch {
  readonly code: 'currency_differs' | 'zone_differs'
  readonly message: Text
  readonly remedy: Text
}

/** Where an account's currency and zone are not the workspace's: figures still hold, but people may wonder. */
export function mismatches({ currency, zone }: Pick<Identity, 'currency' | 'zone'>, workspace: Workspace): Mismatch[] {
  const { settings } = workspace
  const found: Mismatch[] = []
  if (currency !== undefined && currency !== settings.currency) {
    found.push({
      code: 'currency_differs',
      message: {
        en: `The account works in ${currency}, the workspace reports in ${settings.currency}: money without a rate is left out (fx_missing).`,
        'zh-CN': `账户币种为 ${currency}，工作区报表币种为 ${settings.currency}：没有汇率的金额不计入（fx_missing）。`,
      },
      remedy: {
        en: `Import rates, or run: roi-panel settings set currency ${currency}`,
        'zh-CN': `请导入汇率，或运行：roi-panel settings set currency ${currency}`,
      },
    })
  }
  if (zone !== undefined && !sameZone(zone, settings.zone)) {
    found.push({
      code: 'zone_differs',
      message: {
        en: `The account's days are those of ${zone}, the workspace's those of ${settings.zone}: sums by day may differ.`,
        'zh-CN': `账户的日期按 ${zone} 计算，工作区按 ${settings.zone}：按日汇总可能不同。`,
      },
      remedy: {
        en: `If the source's days are meant, run: roi-panel settings set zone ${zone}`,
        'zh-CN': `如需以数据源的日期为准，请运行：roi-panel settings set zone ${zone}`,
      },
    })
  }
  return found
}

/** Zones have more than one name: Asia/Calcutta and Asia/Kolkata. */
function sameZone(a: string, b: string): boolean {
  return a === b || canonical(a) === canonical(b)
}

function canonical(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    // A zone this machine does not know.
    return zone
  }
}
