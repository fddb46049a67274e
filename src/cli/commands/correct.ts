import type { Correction } from '../../api/corrections.ts'
import { defineCommand, type Invocation, type Options } from '../command.ts'
import { usage } from '../parse.ts'
import { table } from '../table.ts'
import { plain } from '../text.ts'

const OPTIONS = {
  'leave-out': {
    type: 'boolean',
    help: { en: 'the touch does not count', 'zh-CN': '该触点不参与归因' },
  },
  channel: {
    type: 'string',
    value: 'C',
    help: { en: 'channel to move the touch to', 'zh-CN': '移到的渠道' },
  },
  campaign: {
    type: 'string',
    value: 'ID',
    help: { en: 'campaign to move the touch to, by the id of its source', 'zh-CN': '移到的营销活动，按来源中的编号' },
  },
  reason: {
    type: 'string',
    value: 'TEXT',
    help: { en: 'why; required, and kept with it', 'zh-CN': '原因；必填，随修正一起保存' },
  },
  source: {
    type: 'string',
    value: 'S',
    help: { en: 'source of the touch, where several have the id', 'zh-CN': '触点的来源（多个来源有相同编号时）' },
  },
  'campaign-source': {
    type: 'string',
    value: 'S',
    help: {
      en: 'source of the campaign, where several have the id',
      'zh-CN': '营销活动的来源（多个来源有相同编号时）',
    },
  },
  list: { type: 'boolean', help: { en: 'show the corrections that hold', 'zh-CN': '列出有效的修正' } },
  all: { type: 'boolean', help: { en: 'with --list: revoked ones too', 'zh-CN': '与 --list 合用：包括已撤销的修正' } },
  revoke: {
    type: 'string',
    value: 'ID',
    help: { en: 'take a correction back', 'zh-CN': '撤销一条修正' },
  },
} as const satisfies Options
type Call = Invocation<typeof OPTIONS>

export default defineCommand({
  name: 'correct',
  usage: 'TOUCH --leave-out | --channel C | --campaign ID … --reason TEXT · --list [--all] · --revoke ID',
  summary: {
    en: 'Leave a touch out, or move it to another channel or campaign',
    'zh-CN': '排除触点，或移到其他渠道、营销活动',
  },
  notes: {
    en: 'TOUCH is the id of its source. What the source says stays as it is: a correction holds whatever is synced, until it is revoked.\nOnly what the touch takes part in is computed anew.',
    'zh-CN':
      'TOUCH 是来源中的触点编号。来源数据本身不变：无论如何同步，修正都有效，直到撤销。\n只重算该触点涉及的归因。',
  },
  examples: [
    'correct T-1001 --leave-out --reason "test of our own form"',
    'correct T-1002 --campaign EXPO-2026 --reason "badge scan at our booth"',
    'correct --list',
    'correct --revoke cor_0mcx1k2p9a1b2c3d4',
  ],
  options: OPTIONS,
  run: (invocation) => correct(invocation as Call),
})

async function correct(invocation: Call): Promise<undefined> {
  const { positionals, options } = invocation
  const [touch, ...more] = positionals
  const { list: listing, revoke: id } = options
  if (listing === true && touch === undefined && id === undefined) return list(invocation)
  if (id !== undefined && touch === undefined && listing === undefined) return revoke(invocation, id)
  if (touch === undefined || more.length > 0 || listing !== undefined || id !== undefined) throw badUsage()
  return make(invocation, touch)
}

async function make(invocation: Call, touch: string): Promise<undefined> {
  const { options, workspace, locale, json, output, open } = invocation
  const { channel, campaign, reason, source } = options
  if (reason === undefined || reason.trim() === '') throw noReason()
  const session = await open()
  const done = await session.call('correct', {
    workspace,
    ...(locale && { locale }),
    touch,
    leave_out: options['leave-out'] === true,
    reason,
    ...(channel !== undefined && { channel }),
    ...(campaign !== undefined && { campaign }),
    ...(source !== undefined && { source }),
    ...(options['campaign-source'] !== undefined && { campaign_source: options['campaign-source'] }),
  })
  if (json) return void (await output.json(done))
  const { en, zh } = effectOf(done.correction)
  output.say({
    en: `${done.correction.id}: ${en}; ${done.outcomes} outcomes recomputed.`,
    'zh-CN': `${done.correction.id}：${zh}；已重算 ${done.outcomes} 个转化目标。`,
  })
}

async function revoke({ workspace, json, output, open }: Call, id: string): Promise<undefined> {
  const done = await (await open()).call('revoke_correction', { workspace, id })
  if (json) return void (await output.json(done))
  output.say({
    en: `${done.correction.id} is revoked; ${done.outcomes} outcomes recomputed.`,
    'zh-CN': `已撤销 ${done.correction.id}；已重算 ${done.outcomes} 个转化目标。`,
  })
}

const COLUMNS = {
  en: ['Correction', 'Touch', 'What', 'Before', 'Reason', 'By', 'At'],
  'zh-CN': ['修正', '触点', '内容', '修正前', '原因', '操作人', '时间'],
} as const

async function list({ workspace, options, json, output, open }: Call): Promise<undefined> {
  const found = await (await open()).call('corrections', { workspace, all: options.all === true })
  if (json) return void (await output.json(found))
  const english = output.locale === 'en'
  const rows = found.corrections.map((one) => {
    const { en, zh } = effectOf(one)
    const revoked = one.revoked_at === null ? '' : english ? ' (revoked)' : '（已撤销）'
    return [
      one.id,
      `${one.touch.source} ${one.touch.id}`,
      `${english ? en : zh}${revoked}`,
      [one.was.channel, one.was.campaign].filter((part) => part !== null).join(' / '),
      one.reason,
      one.author ?? '',
      one.at.slice(0, 16).replace('T', ' '),
    ]
  })
  await output.data(
    table(
      COLUMNS[output.locale].map((title) => ({ title })),
      rows,
    ),
  )
}

/** What a correction does, in words. */
function effectOf({ action, channel, campaign }: Correction): { en: string; zh: string } {
  if (action === 'leave_out') return { en: 'left out', zh: '已排除' }
  const to = plain([channel, campaign?.id ?? null].filter((part) => part !== null).join(' / '))
  return { en: `moved to ${to}`, zh: `移到 ${to}` }
}

function badUsage() {
  return usage(
    'bad_correct_command',
    { en: 'correct needs a touch, --list or --revoke.', 'zh-CN': 'correct 需要触点编号、--list 或 --revoke。' },
    {
      en: 'Write "correct TOUCH --leave-out --reason TEXT".',
      'zh-CN': '例如 “correct 触点编号 --leave-out --reason 原因”。',
    },
  )
}

function noReason() {
  return usage(
    'missing_reason',
    { en: 'A correction needs its reason.', 'zh-CN': '修正必须说明原因。' },
    { en: 'Add --reason TEXT.', 'zh-CN': '请加上 --reason 原因。' },
  )
}
