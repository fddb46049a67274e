import type { NoticeBook } from './notices.ts'
import type { FileType } from './templates.ts'
import { MAX_TEXT, outcomeOfStage } from './values.ts'
import { Refusal, say } from './words.ts'

/** A record while its cells are read. */
export type Draft = { [field: string]: unknown; attributes?: Record<string, string> }

/** The refusal of an empty required cell. */
export function missingValue(name: string): Refusal {
  return new Refusal(
    'missing_value',
    `${name} is empty. Fill it in, or remove the row.`,
    `${name} 为空。请填写，或删除该行。`,
  )
}

/** What the documents ask of a row beyond its single cells. */
export const RULES: {
  readonly [T in FileType]?: (draft: Draft, notices: NoticeBook, line: number) => Refusal | undefined
} = {
  costs(draft) {
    draft.state ??= 'actual'
    return undefined
  },

  touches(draft, notices, line) {
    if (!draft.person) return missingValue('contact_id | email | phone')
    const source = draft.channel ?? draft.campaignId ?? draft.utmSource ?? draft.utmMedium ?? draft.utmCampaign
    if (source === undefined) notices.add('touch_without_source', NOTICES.touchWithoutSource, line)
    return undefined
  },

  deals(draft, notices, line) {
    const { createdAt, closedAt, amount } = draft
    if (draft.won === undefined && typeof draft.stage === 'string') {
      const outcome = outcomeOfStage(draft.stage)
      if (outcome !== undefined) draft.won = outcome
    }
    if (draft.won === true && amount === undefined) {
      return new Refusal(
        'missing_amount',
        'A won deal needs its amount. Fill in amount, or correct won or stage.',
        '已赢单的商机必须有金额。请填写 amount，或修正 won、stage。',
      )
    }
    if (draft.won === true && closedAt === undefined) {
      return new Refusal(
        'missing_closed_at',
        'A won deal needs the time it was closed. Fill in closed_at, or correct won or stage.',
        '已赢单的商机必须有成交时间。请填写 closed_at，或修正 won、stage。',
      )
    }
    if (draft.won === undefined && amount === undefined)
      notices.add('open_deal_without_amount', NOTICES.openDealWithoutAmount, line)
    if (createdAt === undefined) notices.add('deal_without_created_at', NOTICES.dealWithoutCreatedAt, line)
    if (draft.accountId === undefined && draft.contactIds === undefined)
      notices.add('deal_without_account', NOTICES.dealWithoutAccount, line)
    if (createdAt instanceof Date && closedAt instanceof Date && closedAt < createdAt) {
      notices.add('closed_before_created', NOTICES.closedBeforeCreated, line)
    }
    return undefined
  },

  rates(draft) {
    if (draft.from === draft.to) {
      return new Refusal(
        'same_currency',
        'from and to are the same currency. Correct one of them.',
        'from 与 to 是同一币种。请修正其中之一。',
      )
    }
    // One rate per pair and day: a file with a corrected rate replaces it.
    draft.id = `${draft.from}/${draft.to} ${draft.date}`
    return undefined
  },
}

/** The column a refusal of {@link RULES} is about. */
export const COLUMN_OF_CODE: Readonly<Record<string, string>> = {
  missing_value: 'contact_id',
  missing_amount: 'amount',
  missing_closed_at: 'closed_at',
  same_currency: 'to',
}

/** What is counted but refuses nothing. */
export const NOTICES = {
  duplicateRow: say('Rows that repeat an earlier row word for word; read once.', '与前面的行完全相同，只读取一次。'),
  brandText: say(
    'brand holds text instead of yes or no; kept as an attribute.',
    'brand 列为文字而不是“是/否”；已作为附加属性保留。',
  ),
  textShortened: say(
    `Texts longer than ${MAX_TEXT} characters were shortened.`,
    `超过 ${MAX_TEXT} 个字符的文本已截短。`,
  ),
  roundedId: say(
    'Ids of more than 15 digits that end in zeros: Excel may have rounded them. If so, format the column as text and export again.',
    '超过 15 位且以零结尾的编号：可能已被 Excel 四舍五入。如确是如此，请将该列设为文本格式后重新导出。',
  ),
  currencySymbol: say(
    'The currency symbol in the cell differs from the currency that was used. Add a currency column, or "constants": {"currency": …} in a mapping file.',
    '单元格中的货币符号与所用币种不符。请增加币种列，或在映射文件中写 "constants": {"currency": …}。',
  ),
  touchWithoutSource: say('Touches without channel, campaign or UTM.', '触点没有渠道、营销活动或 UTM。'),
  openDealWithoutAmount: say('Open deals without amount.', '进行中的商机没有金额。'),
  dealWithoutCreatedAt: say('Deals without created_at.', '商机没有创建时间。'),
  dealWithoutAccount: say('Deals without account and contacts.', '商机没有客户公司和联系人。'),
  closedBeforeCreated: say('Deals closed before they were created.', '商机的成交时间早于创建时间。'),
} as const
