import type { Text } from '../errors.ts'
import { findings } from '../metrics/quality.ts'
import { report } from '../metrics/report.ts'
import type { Workspace } from '../model/settings.ts'
import type { Check, DoctorEnv } from './doctor.ts'

/** The checks of what the stores hold. */

/** What may lack a rate, as people call it. */
const WITHOUT_RATE: Readonly<Record<string, Text>> = {
  fx_missing_deals: { en: 'won deals', 'zh-CN': '成交' },
  fx_missing_payments: { en: 'payments or invoices', 'zh-CN': '回款或发票' },
  fx_missing_costs: { en: 'costs', 'zh-CN': '费用' },
}

/** Money in another currency without a rate is left out of both sides. */
export async function ratesCheck({ database }: DoctorEnv, workspace: Workspace): Promise<Check | Check[]> {
  const found = (await findings(database, workspace, 'en')).filter(({ code }) => code.startsWith('fx_missing'))
  const { currency } = workspace.settings
  if (found.length === 0) {
    return {
      check: 'rates',
      state: 'ok',
      message: { en: `No money lacks a rate to ${currency}.`, 'zh-CN': `没有金额缺少兑 ${currency} 的汇率。` },
    }
  }
  return found.map(({ code, count, examples }) => {
    const what = WITHOUT_RATE[code] ?? WITHOUT_RATE.fx_missing_costs!
    return {
      check: 'rates',
      subject: code,
      state: 'warn',
      message: {
        en: `${count} ${what.en} in another currency have no rate to ${currency} and are left out, such as ${examples[0] ?? ''}.`,
        'zh-CN': `${count} 条其他币种的${what['zh-CN']}没有兑 ${currency} 的汇率，未计入，例如 ${examples[0] ?? ''}。`,
      },
      remedy: {
        en: 'Import rates for their days (rates.csv), or change the currency: roi-panel settings set currency CODE',
        'zh-CN': '请导入对应日期的汇率（rates.csv），或更改报表币种：roi-panel settings set currency 代码',
      },
    }
  })
}

export async function reconciliationCheck({ database }: DoctorEnv, workspace: Workspace): Promise<Check> {
  const query = {
    workspace: workspace.key,
    by: 'channel',
    model: workspace.settings.model,
    from: null,
    to: null,
    date_basis: 'close',
  } as const
  const { reconciliation, currency } = await report(database, workspace, query, 'en')
  const { attributed, unattributed, crm, ok } = reconciliation
  const sum = `${attributed} + ${unattributed} = ${crm} ${currency}`
  if (ok) {
    return {
      check: 'reconciliation',
      state: 'ok',
      message: { en: `Attributed + unattributed = CRM: ${sum}.`, 'zh-CN': `归因 + 未归因 = CRM：${sum}。` },
    }
  }
  return {
    check: 'reconciliation',
    state: 'fail',
    message: {
      en: `Attributed + unattributed is not what the CRM says: ${sum} does not hold.`,
      'zh-CN': `归因 + 未归因与 CRM 不一致：${sum} 不成立。`,
    },
    remedy: {
      en: 'Run: roi-panel recompute --all. If it stays, report it with this line.',
      'zh-CN': '请运行：roi-panel recompute --all。如仍不一致，请附上此行反馈。',
    },
  }
}

export async function importsCheck({ state }: DoctorEnv, workspace: Workspace): Promise<Check[]> {
  const runs = await state.imports(workspace.tenant)
  const stuck = runs.filter(({ status }) => status === 'interrupted' || status === 'undoing')
  const refused = await Promise.all(runs.map(({ id }) => state.countRejects(workspace.tenant, id)))
  const rows = refused.reduce((sum, n) => sum + n, 0)
  const checks: Check[] = stuck.map(({ id, status, files }) => ({
    check: 'imports',
    subject: id,
    state: 'warn',
    message:
      status === 'undoing'
        ? { en: 'Taking this import back did not end.', 'zh-CN': '撤销该导入未完成。' }
        : { en: `This import of ${names(files)} did not end.`, 'zh-CN': `该导入（${names(files)}）未完成。` },
    remedy:
      status === 'undoing'
        ? { en: `Run: roi-panel import --undo ${id}`, 'zh-CN': `请运行：roi-panel import --undo ${id}` }
        : { en: 'Import the same files again: it goes on.', 'zh-CN': '请再次导入相同文件，会从中断处继续。' },
  }))
  if (stuck.length > 0) return checks
  return [
    {
      check: 'imports',
      state: 'ok',
      message: {
        en: `${runs.length} imports, none interrupted; ${rows} refused rows are kept.`,
        'zh-CN': `共 ${runs.length} 次导入，无中断；保留被拒行 ${rows} 条。`,
      },
    },
  ]
}

function names(files: readonly { readonly name: string }[]): string {
  return files
    .map(({ name }) => name)
    .slice(0, 3)
    .join(', ')
}
