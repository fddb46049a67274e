import type { Locale } from '../../errors.ts'

/** The one sentence of each view. Amounts, shares and days come ready to read. */

/** A channel with its share, its number of touches, or both as one text. */
export interface Named {
  readonly name: string
  readonly value: string
}

/** Who earned something: the largest channels, the others together, and what no touch explains. */
export interface Parts {
  readonly named: readonly Named[]
  readonly rest: string | null
  readonly unattributed: string | null
}

export interface Sentences {
  /** A won deal: the channels that earned most, and the rest. */
  wonDeal(channels: readonly Named[], rest: string | null): string
  /** A won deal without an eligible touch. `older`: touches outside the look-back. */
  unattributedDeal(amount: string, older: number): string
  openDeal(touches: number, channels: readonly Named[], more: boolean): string
  lostDeal(touches: number, channels: readonly Named[], more: boolean): string
  /** The CRM calls it won but an amount or a close date is missing. */
  unfinishedDeal(): string
  untouchedDeal(lost: boolean): string
  contact(who: string, first: string, day: string, touches: number, latest: string | null): string
  contactCredit(amount: string, deals: number): string
  contactWithoutDeal(): string
  untouchedContact(who: string): string
  account(who: string, amount: string, deals: number, parts: Parts): string
  accountUnattributed(who: string, amount: string, deals: number): string
  accountWithoutDeal(who: string, touches: number, touched: number, people: number): string
  untouchedAccount(who: string): string
  campaign(who: string, cost: string, revenue: string, roi: string, ratio: string): string
  campaignWithoutRoi(who: string, revenue: string, reason: string): string
  untouchedCampaign(who: string, cost: string | null): string
}

const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`

/** `46% from A, 30% from B, 24% from others`. */
const sharesEn = (channels: readonly Named[], rest: string | null) =>
  [...channels.map(({ name, value }) => `${value} from ${name}`), ...(rest ? [`${rest} from others`] : [])].join(', ')
const countsEn = (channels: readonly Named[], more: boolean) =>
  channels.map(({ name, value }) => (value ? `${name} (${value})` : name)).join(', ') + (more ? ' and others' : '')

const en: Sentences = {
  wonDeal([first, ...others], rest) {
    if (!first) return ''
    const tail = sharesEn(others, rest)
    return `${first.value} of this deal comes from ${first.name}${tail && `, ${tail}`}.`
  },
  unattributedDeal: (amount, older) =>
    older > 0
      ? `All of this deal is unattributed (${amount}): its ${plural(older, 'touch', 'touches')} lie before the look-back.`
      : `All of this deal is unattributed (${amount}): no touch of its people is known before it was won.`,
  openDeal: (touches, channels, more) =>
    `This deal is open and has had ${plural(touches, 'touch', 'touches')} so far: ${countsEn(channels, more)}. Credit comes when it is won.`,
  lostDeal: (touches, channels, more) =>
    `This deal was lost, so there is nothing to credit; it had ${plural(touches, 'touch', 'touches')}: ${countsEn(channels, more)}.`,
  unfinishedDeal: () => 'This deal is won, but its amount or close date is missing, so there is nothing to credit yet.',
  untouchedDeal: (lost) =>
    lost
      ? 'This deal was lost, and no touch of its people is known.'
      : 'This deal is open, and no touch of its people is known yet. Credit comes when it is won.',
  contact: (who, first, day, touches, latest) =>
    `${who} first came from ${first} on ${day} and has ${plural(touches, 'touch', 'touches')}${latest ? `, the latest from ${latest}` : ''}.`,
  contactCredit: (amount, deals) => `${amount} of ${plural(deals, 'won deal')} went through them.`,
  contactWithoutDeal: () => 'No deal of this person is won yet.',
  untouchedContact: (who) => `No touch of ${who} is known yet.`,
  account: (who, amount, deals, { named, rest, unattributed }) =>
    `${who} has won revenue of ${amount} in ${plural(deals, 'deal')}: ${sharesEn(named, rest)}${unattributed ? `, ${unattributed} unattributed` : ''}.`,
  accountUnattributed: (who, amount, deals) =>
    `${who} has won revenue of ${amount} in ${plural(deals, 'deal')}, all of it unattributed: no touch is known before the wins.`,
  accountWithoutDeal: (who, touches, touched, people) =>
    `${who} has had ${plural(touches, 'touch', 'touches')} with ${touched} of ${plural(people, 'person', 'people')}; no deal is won yet.`,
  untouchedAccount: (who) => `No touch of anyone at ${who} is known yet, and no deal is won.`,
  campaign: (who, cost, revenue, roi, ratio) =>
    `${who} cost ${cost} and earned ${revenue} of attributed revenue: ROI ${roi}, ratio ${ratio}.`,
  campaignWithoutRoi: (who, revenue, reason) =>
    `${who} earned ${revenue} of attributed revenue; its ROI is n/a: ${reason}.`,
  untouchedCampaign: (who, cost) => `No touch of ${who} is known yet${cost ? `; it cost ${cost}` : ''}.`,
}

/** One space between Han and Latin letters or digits where a name or number meets a sentence. */
function spaced(text: string): string {
  return text
    .replace(/(\p{Script=Han})([A-Za-z0-9¥$€£<>])/gu, '$1 $2')
    .replace(/([A-Za-z0-9%])(\p{Script=Han})/gu, '$1 $2')
}

const sharesZh = (channels: readonly Named[], rest: string | null) =>
  [...channels.map(({ name, value }) => `${value} 来自${name}`), ...(rest ? [`${rest} 来自其他渠道`] : [])].join('，')
const countsZh = (channels: readonly Named[], more: boolean) =>
  channels.map(({ name, value }) => (value ? `${name} ${value} 个` : name)).join('、') + (more ? '等' : '')

const zh: Sentences = {
  wonDeal: (channels, rest) => spaced(`这笔成交 ${sharesZh(channels, rest)}。`),
  unattributedDeal: (amount, older) =>
    spaced(
      older > 0
        ? `这笔成交全部未归因（${amount}）：${older} 个触点都早于回溯期。`
        : `这笔成交全部未归因（${amount}）：成交前没有已知的触点。`,
    ),
  openDeal: (touches, channels, more) =>
    spaced(`这笔商机尚未成交，至今有 ${touches} 个触点：${countsZh(channels, more)}。成交后才分配归因。`),
  lostDeal: (touches, channels, more) =>
    spaced(`这笔商机已丢单，没有可归因的收入；曾有 ${touches} 个触点：${countsZh(channels, more)}。`),
  unfinishedDeal: () => '这笔商机已成交，但缺少金额或成交日期，暂时无法归因。',
  untouchedDeal: (lost) =>
    lost ? '这笔商机已丢单，没有已知的触点。' : '这笔商机尚未成交，还没有已知的触点。成交后才分配归因。',
  contact: (who, first, day, touches, latest) =>
    spaced(`${who}首次来自${first}（${day}），共有 ${touches} 个触点${latest ? `，最近一次来自${latest}` : ''}。`),
  contactCredit: (amount, deals) => spaced(`${deals} 笔成交中有 ${amount} 归因于这些触点。`),
  contactWithoutDeal: () => '此人还没有成交。',
  untouchedContact: (who) => spaced(`${who}还没有已知的触点。`),
  account: (who, amount, deals, { named, rest, unattributed }) =>
    spaced(
      `${who}成交 ${deals} 笔，共 ${amount}：${sharesZh(named, rest)}${unattributed ? `，${unattributed} 未归因` : ''}。`,
    ),
  accountUnattributed: (who, amount, deals) =>
    spaced(`${who}成交 ${deals} 笔，共 ${amount}，全部未归因：成交前没有已知的触点。`),
  accountWithoutDeal: (who, touches, touched, people) =>
    spaced(`${who}的 ${people} 人中有 ${touched} 人共 ${touches} 个触点，还没有成交。`),
  untouchedAccount: (who) => spaced(`${who}还没有已知的触点，也没有成交。`),
  campaign: (who, cost, revenue, roi, ratio) =>
    spaced(`${who}投入 ${cost}，归因收入 ${revenue}，投资回报率 ${roi}，投产比 ${ratio}。`),
  campaignWithoutRoi: (who, revenue, reason) => spaced(`${who}归因收入 ${revenue}，投资回报率不适用：${reason}。`),
  untouchedCampaign: (who, cost) => spaced(`${who}还没有已知的触点${cost ? `，投入 ${cost}` : ''}。`),
}

export const SENTENCES: Readonly<Record<Locale, Sentences>> = { en, 'zh-CN': zh }
