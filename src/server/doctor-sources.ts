import { ConnectorError, isRoiError, type Text } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import type { Connection } from '../state/state.ts'
import { readOutcome } from '../sync/stored-outcome.ts'
import type { Check, DoctorEnv } from './doctor.ts'
import { writeBackChecks } from './doctor-write-back.ts'
import { mismatches } from './mismatches.ts'
import type { SignedCounts } from './webhooks.ts'

/** The checks of one connection: credentials, clock, zone, currency, quota, drift, refused rows, runs. */

/** Clocks that differ by more: signatures and changes since an instant go wrong. */
const CLOCK_WARN_MS = 60_000
const CLOCK_FAIL_MS = 5 * 60_000
const LOW_QUOTA = 0.1
/** A run that took longer than this without an end was most likely killed. */
const STUCK_MS = 6 * 3_600_000
const RECENT_DRIFT_MS = 7 * 86_400_000

export interface Asking {
  readonly offline: boolean
  readonly signal: AbortSignal
}

export async function connectionChecks(
  env: DoctorEnv,
  workspace: Workspace,
  connection: Connection,
  asking: Asking,
): Promise<Check[]> {
  const checks = [
    ...(asking.offline ? [notAsked()] : await liveChecks(env, workspace, connection, asking.signal)),
    runCheck(env, connection),
    ...streamChecks(connection),
    await driftCheck(env, workspace, connection),
    await quarantineCheck(env, workspace, connection),
    ...(await writeBackChecks(env, connection)),
  ]
  return checks.map((check) => ({ subject: connection.title, ...check }))
}

function notAsked(): Check {
  return {
    check: 'credentials',
    state: 'skipped',
    message: { en: 'The source was not asked (offline).', 'zh-CN': '未询问数据源（离线）。' },
  }
}

async function liveChecks(
  { sources }: DoctorEnv,
  workspace: Workspace,
  { id, connector }: Connection,
  signal: AbortSignal,
): Promise<Check[]> {
  try {
    const { identity, clockOffsetMs, quota } = await sources.check(workspace, id, signal)
    const scopes = identity.scopes?.length ? identity.scopes.join(', ') : undefined
    return [
      {
        check: 'credentials',
        state: 'ok',
        message: {
          en: `The source knows us as ${identity.name}${scopes ? `; scopes: ${scopes}` : ''}.`,
          'zh-CN': `数据源识别的账户为 ${identity.name}${scopes ? `；权限范围：${scopes}` : ''}。`,
        },
      },
      clockCheck(clockOffsetMs),
      ...mismatches(identity, workspace).map(({ code, message, remedy }): Check => {
        return { check: code === 'currency_differs' ? 'currency' : 'zone', state: 'warn', message, remedy }
      }),
      ...(quota ? [quotaCheck(quota)] : []),
    ]
  } catch (error) {
    signal.throwIfAborted()
    // A limit that is reached says nothing about the credentials.
    const waits = error instanceof ConnectorError && error.remedy === 'wait'
    const { check, state } = waits ? LIMITED : REFUSED
    return [{ check, state, ...refusal(error, connector) }]
  }
}

const LIMITED = { check: 'quota', state: 'warn' } as const
const REFUSED = { check: 'credentials', state: 'fail' } as const

/** What a source's answer means to a person. Anything else is this program's own mistake and goes on. */
function refusal(error: unknown, connector: string): Pick<Check, 'message' | 'remedy'> {
  if (isRoiError(error)) return { message: error.text, ...(error.remedy && { remedy: error.remedy }) }
  if (!(error instanceof ConnectorError)) throw error
  const { message, code, remedy } = error
  return {
    message: { en: `The source refused: ${message} (${code}).`, 'zh-CN': `数据源拒绝：${message}（${code}）。` },
    remedy: REMEDIES[remedy](connector),
  }
}

const REMEDIES: Readonly<Record<ConnectorError['remedy'], (connector: string) => Text>> = {
  'fix-settings': (connector) => ({
    en: `Give new credentials: roi-panel connect ${connector}. Nothing that was read is lost.`,
    'zh-CN': `请提供新的凭据：roi-panel connect ${connector}。已读取的数据不会丢失。`,
  }),
  wait: () => ({ en: 'A limit is reached: it goes on by itself.', 'zh-CN': '已达上限，稍后会自动继续。' }),
  retry: () => ({ en: 'Try again in a while; check the network.', 'zh-CN': '请稍后重试，并检查网络。' }),
  report: () => ({ en: 'Report it with this line.', 'zh-CN': '请附上此行反馈。' }),
}

function clockCheck(offset: number): Check {
  const seconds = Math.round(Math.abs(offset) / 1000)
  const message = {
    en: `This machine's clock and the source's differ by ${seconds} s.`,
    'zh-CN': `本机与数据源的时钟相差 ${seconds} 秒。`,
  }
  if (Math.abs(offset) < CLOCK_WARN_MS) return { check: 'clock', state: 'ok', message }
  return {
    check: 'clock',
    state: Math.abs(offset) < CLOCK_FAIL_MS ? 'warn' : 'fail',
    message,
    remedy: { en: 'Set this machine to a time server (NTP).', 'zh-CN': '请为本机启用时间同步（NTP）。' },
  }
}

function quotaCheck({ left, of }: { left: number; of: number }): Check {
  const message = { en: `${left} of ${of} requests left.`, 'zh-CN': `剩余请求额度 ${left} / ${of}。` }
  if (of <= 0 || left >= of * LOW_QUOTA) return { check: 'quota', state: 'ok', message }
  return {
    check: 'quota',
    state: 'warn',
    message,
    remedy: {
      en: 'Runs pause when it is used up and go on by themselves; run less often, or look for who else uses it.',
      'zh-CN': '额度用尽时同步会暂停并自动恢复；可降低同步频率，或查看还有谁在使用额度。',
    },
  }
}

/** How the last run ended, and whether one is stuck. */
function runCheck({ sources }: DoctorEnv, connection: Connection): Check {
  const { id, state, startedAt, finishedAt, completeAt, result } = connection
  const running = sources.running(id) !== undefined
  const open = startedAt !== null && (finishedAt === null || finishedAt < startedAt)
  if (open && !running && Date.now() - startedAt.getTime() > STUCK_MS) {
    return {
      check: 'run',
      state: 'warn',
      message: {
        en: `A run that began at ${startedAt.toISOString()} has not ended.`,
        'zh-CN': `${startedAt.toISOString()} 开始的同步尚未结束。`,
      },
      remedy: resume(id),
    }
  }
  if (state === 'active' || (state === 'pending' && (running || startedAt === null))) {
    const at = completeAt?.toISOString()
    return {
      check: 'run',
      state: 'ok',
      message: at
        ? { en: `Complete at ${at}.`, 'zh-CN': `已于 ${at} 完整同步。` }
        : { en: 'Not read yet.', 'zh-CN': '尚未同步。' },
      ...(!at && !running && { remedy: resume(id) }),
    }
  }
  const reason = readOutcome(result)?.reason
  const bad = state === 'reconnect' || state === 'failed'
  return {
    check: 'run',
    state: bad ? 'fail' : 'warn',
    message: reason?.message ?? { en: `The last run ended "${state}".`, 'zh-CN': `上次同步的结果为 “${state}”。` },
    remedy: reason?.remedy ?? resume(id),
  }
}

function resume(id: string): Text {
  return { en: `Run: roi-panel sync ${id}`, 'zh-CN': `请运行：roi-panel sync ${id}` }
}

/** What the last run could not read, by stream. */
function streamChecks({ result }: Connection): Check[] {
  const streams = readOutcome(result)?.streams ?? []
  return streams
    .filter(({ state, reason }) => reason && state !== 'complete' && state !== 'not_run')
    .map(({ stream, title, state, reason }) => {
      const name = { en: title.en || stream, 'zh-CN': title['zh-CN'] || stream }
      return {
        check: 'scopes',
        state: state === 'off' ? 'ok' : 'warn',
        message: {
          en: `${name.en} is ${state}: ${reason!.message.en}`,
          'zh-CN': `${name['zh-CN']}（${state}）：${reason!.message['zh-CN']}`,
        },
        ...(reason!.remedy && { remedy: reason!.remedy }),
      }
    })
}

async function driftCheck({ state }: DoctorEnv, { tenant }: Workspace, { id }: Connection): Promise<Check> {
  const since = new Date(Date.now() - RECENT_DRIFT_MS).toISOString().slice(0, 10)
  const recent = (await state.drifts(tenant, id)).filter(({ day }) => day >= since)
  const bad = recent.filter(({ kind }) => kind !== 'new')
  const fields = [
    ...new Set((bad.length > 0 ? bad : recent).map(({ stream, field, kind }) => `${stream}.${field} (${kind})`)),
  ]
  const list = fields.slice(0, 5).join(', ') + (fields.length > 5 ? ' …' : '')
  if (bad.length === 0) {
    return {
      check: 'drift',
      state: 'ok',
      message:
        fields.length === 0
          ? { en: 'The source answers as expected.', 'zh-CN': '数据源的返回格式符合预期。' }
          : { en: `New fields, kept as attributes: ${list}.`, 'zh-CN': `新增字段，已作为属性保留：${list}。` },
    }
  }
  return {
    check: 'drift',
    state: 'warn',
    message: {
      en: `The source answers otherwise than expected: ${list}.`,
      'zh-CN': `数据源的返回格式与预期不同：${list}。`,
    },
    remedy: {
      en: 'Look whether a field was removed or changed there; update roi-panel, or report it.',
      'zh-CN': '请检查数据源中的字段是否被删除或修改；可升级 roi-panel 或反馈。',
    },
  }
}

async function quarantineCheck({ state }: DoctorEnv, { tenant }: Workspace, { id }: Connection): Promise<Check> {
  const count = await state.countRejects(tenant, id)
  if (count === 0) {
    return { check: 'quarantine', state: 'ok', message: { en: 'No refused records.', 'zh-CN': '没有被拒记录。' } }
  }
  const [first] = await state.rejects(tenant, id, { limit: 1, offset: 0 })
  const example = first && { en: ` ${first.message.en}`, 'zh-CN': first.message['zh-CN'] }
  return {
    check: 'quarantine',
    state: 'warn',
    message: {
      en: `${count} records were refused, such as ${first?.part ?? ''} ${first?.where.id ?? ''}:${example?.en ?? ''}`,
      'zh-CN': `${count} 条记录被拒，例如 ${first?.part ?? ''} ${first?.where.id ?? ''}：${example?.['zh-CN'] ?? ''}`,
    },
    remedy: {
      en: 'Correct them at the source: the next run reads them again.',
      'zh-CN': '请在数据源中更正，下次同步会重新读取。',
    },
  }
}

/** Where webhooks arrive, and of which connectors they can be checked. */
export interface WebhookPlace {
  readonly publicUrl: string | undefined
  /** Connectors whose client secret is known. */
  readonly connectors: readonly string[]
  /** What came since the start, where this is the process that it comes to. */
  readonly signed?: SignedCounts | undefined
}

/** Whether webhooks can arrive. That the address is reached from outside can only be seen from there. */
export function webhookCheck(
  { publicUrl, connectors, signed = new Map() }: WebhookPlace = { publicUrl: undefined, connectors: [] },
): Check {
  if (publicUrl !== undefined && connectors.length > 0) {
    const addresses = connectors.map((id) => `${publicUrl}/webhooks/${id}`).join(', ')
    const came = [...signed].flatMap(([id, counts]) => [...counts].map(([way, count]) => `${id} ${way}: ${count}`))
    const reached = {
      en:
        came.length > 0
          ? `verified since the start: ${came.join(', ')}`
          : 'whether it is reached from outside was not tried',
      'zh-CN': came.length > 0 ? `启动以来已验证：${came.join('，')}` : '未检查能否从外部访问',
    }
    return {
      check: 'webhooks',
      state: 'ok',
      message: {
        en: `Webhooks are taken at ${addresses}; ${reached.en}.`,
        'zh-CN': `在 ${addresses} 接收 webhook；${reached['zh-CN']}。`,
      },
    }
  }
  return {
    check: 'webhooks',
    state: 'skipped',
    message: {
      en: 'No webhooks are received: changes come with the next run.',
      'zh-CN': '未接收 webhook：变更在下次同步时读取。',
    },
    remedy: {
      en: 'Set ROI_PANEL_PUBLIC_URL and ROI_PANEL_HUBSPOT_CLIENT_SECRET to receive them.',
      'zh-CN': '如需接收，请设置 ROI_PANEL_PUBLIC_URL 和 ROI_PANEL_HUBSPOT_CLIENT_SECRET。',
    },
  }
}
