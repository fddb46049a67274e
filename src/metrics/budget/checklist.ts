import type { CostChecklist } from '../../api/costs.ts'
import type { Reader } from '../../db/database.ts'
import { sql } from '../../db/sql.ts'
import type { Locale, Text } from '../../errors.ts'

const CATEGORIES = sql('metrics/budget/sql/categories.sql')

const say = (en: string, zh: string): Text => ({ en, 'zh-CN': zh })

/** Costs that are easily forgotten, and what to ask oneself (F24). */
const HIDDEN: Readonly<Record<string, { readonly label: Text; readonly question: Text }>> = {
  salary: {
    label: say('Salaries', '人员薪资'),
    question: say(
      'Whose working time went into marketing, and what share of their salary and social insurance?',
      '哪些人的工作时间用于市场营销？其薪资与社保应分摊多少？',
    ),
  },
  travel: {
    label: say('Travel', '差旅'),
    question: say(
      'Did anybody travel for an event, a visit or a shoot: tickets, hotel, meals, taxi?',
      '是否有人因活动、拜访或拍摄出差：交通、住宿、餐饮、打车？',
    ),
  },
  training: {
    label: say('Training', '培训'),
    question: say(
      'Were people trained: courses, coaches, certificates, enablement of sales?',
      '是否有培训支出：课程、讲师、认证、销售赋能？',
    ),
  },
  tools: {
    label: say('Tools', '工具软件'),
    question: say(
      'Which software, data and accounts were paid for: CRM seats, mail, analytics, design, stock photos?',
      '支付了哪些软件、数据与账号：CRM 席位、邮件、分析、设计、图库？',
    ),
  },
  service: {
    label: say('Services', '外部服务'),
    question: say(
      'Which agencies, freelancers or advisers worked for marketing, also on a monthly fee?',
      '哪些代理商、自由职业者或顾问为市场服务，包括按月付费的？',
    ),
  },
  design: {
    label: say('Design and production', '设计与制作'),
    question: say(
      'Were texts, pictures, films, landing pages or print made, in the house or outside?',
      '是否制作了文案、图片、视频、落地页或印刷品（内部或外部）？',
    ),
  },
  gifts: {
    label: say('Gifts and samples', '礼品与样品'),
    question: say(
      'Were gifts, samples, coupons or discounts given away, and their postage paid?',
      '是否赠送礼品、样品、优惠券或折扣，并支付了邮寄费？',
    ),
  },
}
export const HIDDEN_CATEGORIES = Object.keys(HIDDEN)

/** A person's word that there is none. */
export interface Dismissed {
  readonly category: string
  readonly at: Date
  readonly by: string | null
  readonly reason: string | null
}

/** Which of the hidden costs have no row in some days, planned ones counted. */
export async function costChecklist(
  reader: Reader,
  tenant: number,
  { from, to }: { readonly from: string; readonly to: string },
  dismissed: readonly Dismissed[],
  locale: Locale,
): Promise<CostChecklist> {
  const found = await reader.query<{ category: string; n: bigint }>(CATEGORIES, [tenant, from, to])
  const items = Object.entries(HIDDEN).map(([category, { label, question }]): CostChecklist['items'][number] => {
    const rows = Number(found.find((row) => row.category === category)?.n ?? 0n)
    const word = dismissed.find((one) => one.category === category)
    return {
      category,
      label: label[locale],
      question: question[locale],
      rows,
      state: rows > 0 ? 'present' : word ? 'dismissed' : 'missing',
      dismissed: word ? { at: word.at.toISOString(), by: word.by, reason: word.reason } : null,
    }
  })
  return { from, to, items, missing: items.filter(({ state }) => state === 'missing').length }
}
