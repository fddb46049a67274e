import type { RecordType } from '../../api.ts'
import type { Reader } from '../../db/database.ts'
import { RoiError, type Text } from '../../errors.ts'
import { surrogate } from '../../model/ids.ts'
import { Lookup, text } from './lookup.ts'
import type { Viewer } from './sight.ts'

const SOURCES = text('sources')
const ALIASES = new Lookup<{ into_id: bigint }>('alias')
const HEADS = {
  deal: new Lookup('deal'),
  contact: new Lookup('contact'),
  account: new Lookup('account'),
  campaign: new Lookup('campaign'),
} as const satisfies Record<RecordType, Lookup>

/** A source that records of the workspace come from. */
export interface KnownSource {
  readonly source: string
  /** A connected system, not files: the one meant when both know an id. */
  readonly connected: boolean
}

export interface Wanted {
  readonly type: RecordType
  /** Id in its source. */
  readonly id: string
  /** Absent = whichever has it. */
  readonly source?: string | undefined
  readonly sources: readonly KnownSource[]
  /** Who asks, where he may not see everything. */
  readonly viewer?: Viewer | undefined
}

/**
 * The record of an id, or the one it was merged into. Ids are looked up by their surrogate, which only the sources in use
 * make possible; should none of them have it, all are searched.
 * @throws RoiError `unknown_record`, `ambiguous_record`
 */
export async function findRecord<Head extends { id: bigint; source: string }>(
  reader: Reader,
  tenant: number,
  wanted: Wanted,
): Promise<Head> {
  const { type, id, source, sources } = wanted
  const heads = async (names: readonly string[]) => {
    const asked = names.map((name) => surrogate(type, name, id))
    const store = { reader, tenant }
    const found = (await HEADS[type].read(store, asked)) as unknown as Head[]
    // A record that was merged away is gone under its own id.
    const gone = asked.filter((one) => !found.some((head) => head.id === one))
    const aliases = await ALIASES.read(store, gone)
    const winners = await HEADS[type].read(
      store,
      aliases.map(({ into_id }) => into_id),
    )
    return [...found, ...(winners as unknown as Head[])]
  }
  if (source !== undefined) {
    const [only] = await heads([source])
    if (only) return only
    throw unknownRecord(wanted)
  }
  let found = await heads(sources.map((one) => one.source))
  if (found.length === 0) {
    const rows = await reader.query<{ source: string }>(SOURCES, [tenant, id, type])
    found = await heads(rows.map((row) => row.source))
  }
  const [first] = found
  if (!first) throw unknownRecord(wanted)
  if (found.length === 1) return first
  const connected = new Set(sources.filter((one) => one.connected).map((one) => one.source))
  const preferred = found.filter((head) => connected.has(head.source))
  const [one] = preferred
  if (one && preferred.length === 1) return one
  throw ambiguousRecord(wanted, found.map((head) => head.source).toSorted())
}

const TYPES: Readonly<Record<RecordType, Text>> = {
  deal: { en: 'deal', 'zh-CN': '商机' },
  contact: { en: 'contact', 'zh-CN': '联系人' },
  account: { en: 'account', 'zh-CN': '客户公司' },
  campaign: { en: 'campaign', 'zh-CN': '营销活动' },
}

/** To somebody who does not see everything it says the same of a record of others and of one that is not there. */
export function unknownRecord({ type, id, source, viewer }: Wanted): RoiError {
  const shown = id.slice(0, 80)
  if (viewer) return notSeen(type, shown)
  const at =
    source === undefined
      ? { en: '', 'zh-CN': '' }
      : { en: ` from ${source.slice(0, 80)}`, 'zh-CN': `${source.slice(0, 80)} 的` }
  return new RoiError(
    'not_found',
    'unknown_record',
    {
      en: `There is no ${TYPES[type].en} "${shown}"${at.en}.`,
      'zh-CN': `没有${at['zh-CN']}${TYPES[type]['zh-CN']}“${shown}”。`,
    },
    {
      en: 'It may not be synchronized yet: wait for the next run, or run "roi-panel sync". Else check the id.',
      'zh-CN': '可能尚未同步：请等待下次同步，或运行 roi-panel sync；否则请检查编号。',
    },
  )
}

function notSeen(type: RecordType, shown: string): RoiError {
  return new RoiError(
    'not_found',
    'unknown_record',
    {
      en: `There is no ${TYPES[type].en} "${shown}" that you may see.`,
      'zh-CN': `没有您可查看的${TYPES[type]['zh-CN']}“${shown}”。`,
    },
    {
      en: 'It may not be synchronized yet, or belong to somebody outside your teams. Users of the service see all records: its administrator adds them.',
      'zh-CN': '可能尚未同步，或其负责人不在您的团队中。服务的用户可查看所有记录，由服务管理员添加。',
    },
  )
}

function ambiguousRecord({ type, id }: Wanted, sources: readonly string[]): RoiError {
  const shown = id.slice(0, 80)
  return new RoiError(
    'usage',
    'ambiguous_record',
    {
      en: `Several sources have a ${TYPES[type].en} "${shown}": ${sources.join(', ')}.`,
      'zh-CN': `多个来源都有${TYPES[type]['zh-CN']}“${shown}”：${sources.join('、')}。`,
    },
    { en: `Say which, for example source=${sources[0]}.`, 'zh-CN': `请指明来源，例如 source=${sources[0]}。` },
  )
}
