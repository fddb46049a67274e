import { RoiError } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import { CloseBasis } from '../state/close-parts.ts'
import type { CloseState } from '../state/closes.ts'

/** @throws RoiError `currency_locked` where closed months hold money of another currency */
export async function checkCurrency(state: CloseState, { tenant }: Workspace, currency: string): Promise<void> {
  const closed = (await state.closedMonths(tenant)).find(({ basis }) => CloseBasis.parse(basis).currency !== currency)
  if (!closed) return
  const month = closed.month.slice(0, 7)
  throw new RoiError(
    'usage',
    'currency_locked',
    {
      en: `Closed months hold money in another currency, such as ${month}.`,
      'zh-CN': `已关账的月份使用其他币种，例如 ${month}。`,
    },
    {
      en: `Open them again first: close reopen ${month} --reason TEXT`,
      'zh-CN': `请先重新打开：close reopen ${month} --reason 原因`,
    },
  )
}
