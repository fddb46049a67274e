import { ConnectorError, isRoiError, type Text } from '../errors.ts'
import type { Reason, StreamState } from './outcome.ts'
import { DoubtfulSweep, IncompleteRead } from './stream-run.ts'

/** Code of a grant that the source no longer accepts. */
export const UNINSTALLED = 'uninstalled'

/** What a failure means for its stream and for the run. */
export interface Judgement {
  readonly state: StreamState
  readonly reason: Reason
  /** No other stream can do better: the run ends here. */
  readonly ends: boolean
}

/** 401 in all its names, and a grant that is gone. */
const CREDENTIALS = new Set(['unauthorized', UNINSTALLED])
/** The account's plan or the scopes of the credentials do not allow one thing. */
const RIGHTS = new Set(['missing_scope', 'forbidden', 'payment_required'])
/** The source as a whole does not answer; asking for something else would fail as well. */
const SOURCE_DOWN = new Set(['source_down', 'connection_refused', 'host_unknown', 'tls_failed'])

/** Judges what ended the read of a stream. Anything unexpected is an error of this program and ends the run. */
export function judge(error: unknown, optional: boolean): Judgement {
  if (error instanceof IncompleteRead) {
    return { state: 'incomplete', ends: false, reason: reason('incomplete_read', incomplete(error), AGAIN) }
  }
  if (error instanceof DoubtfulSweep) {
    return { state: 'incomplete', ends: false, reason: reason('doubtful_deletion', doubtful(error), DOUBT) }
  }
  if (error instanceof ConnectorError) return judgeSource(error, optional)
  if (isRoiError(error)) {
    const { code, text, remedy = null } = error
    return { state: 'failed', ends: true, reason: reason(code, text, remedy) }
  }
  const said = error instanceof Error ? error.message : String(error)
  return {
    state: 'failed',
    ends: true,
    reason: reason('internal', both(`An error of roi-panel itself: ${said}`, `roi-panel 自身出错：${said}`), LOG),
  }
}

function judgeSource(error: ConnectorError, optional: boolean): Judgement {
  const { remedy, code, message, retryAt = null } = error
  if (remedy === 'wait') {
    return { state: 'paused', ends: true, reason: { ...reason(code, limit(message), WAIT), retryAt } }
  }
  if (remedy === 'fix-settings') {
    if (CREDENTIALS.has(code)) {
      const { message: text, remedy } = code === UNINSTALLED ? GONE : reason(code, refused(message), RECONNECT)
      return { state: 'reconnect', ends: true, reason: reason(code, text, remedy) }
    }
    if (RIGHTS.has(code)) {
      const state = optional ? 'off' : 'failed'
      return { state, ends: false, reason: reason(code, notAllowed(message), ALLOW) }
    }
    return { state: 'failed', ends: true, reason: reason(code, plain(message), SETTINGS) }
  }
  const ends = SOURCE_DOWN.has(code) || code === 'closed'
  const help = remedy === 'retry' ? AGAIN : REPORT
  return { state: 'failed', ends, reason: reason(code, plain(message), help) }
}

/** What was not granted is not asked for: the stream is off without a request. */
export function notGranted(scope: string): Judgement {
  const text = both(`The scope ${scope} was not granted.`, `未授予权限范围 ${scope}。`)
  return { state: 'off', ends: false, reason: reason('missing_scope', text, GRANT) }
}

/** The reason alone, for those who ask a source outside a run. */
export function reasonOf(error: unknown): Reason {
  return judge(error, false).reason
}

/** True when a failure is the source's, not this program's. */
export function isSourceError(error: unknown): error is ConnectorError {
  return error instanceof ConnectorError
}

/** The reason of the streams that were not reached. */
export function notRun(why: Reason): Reason {
  return {
    ...why,
    code: 'not_run',
    message: both('An earlier stream ended the run.', '前面的数据流已使本次同步结束。'),
  }
}

/** Why a run was given up before its end. */
export const STOPPED: Reason = reason(
  'stopped',
  both('The run was stopped.', '同步已停止。'),
  both('The next run goes on from here.', '下次同步会从此处继续。'),
)

/** The credentials belong to another account than the one that was connected. */
export function otherAccount(expected: string, found: string): Reason {
  return reason(
    'other_account',
    both(
      `The credentials belong to account ${found}, this connection is account ${expected}.`,
      `凭据属于账户 ${found}，而此连接对应账户 ${expected}。`,
    ),
    both(
      'Connect the other account as a connection of its own, or give the right credentials with "connect".',
      '请将另一账户作为单独的连接添加，或用 connect 提供正确的凭据。',
    ),
  )
}

function reason(code: string, message: Text, remedy: Text | null): Reason {
  return { code, message, remedy, retryAt: null }
}

function both(en: string, zh: string): Text {
  return { en, 'zh-CN': zh }
}

/** What a source says is kept in its own words. */
function plain(message: string): Text {
  return both(`The source could not be read: ${message}`, `无法读取数据源：${message}`)
}

function limit(message: string): Text {
  return both(`A limit of the source is reached: ${message}`, `已达到数据源的调用上限：${message}`)
}

function refused(message: string): Text {
  return both(`The source refuses the credentials: ${message}`, `数据源拒绝了凭据：${message}`)
}

function notAllowed(message: string): Text {
  return both(`The source does not allow this: ${message}`, `数据源不允许此操作：${message}`)
}

function incomplete({ found, total }: IncompleteRead): Text {
  return both(
    `Only ${found} of ${total} records were read; the source ended its list early.`,
    `仅读取到 ${total} 条记录中的 ${found} 条；数据源提前结束了列表。`,
  )
}

function doubtful({ missing, stored }: DoubtfulSweep): Text {
  return both(
    `The source no longer lists ${missing} of ${stored} records; nothing was deleted.`,
    `数据源不再列出 ${stored} 条记录中的 ${missing} 条；未删除任何记录。`,
  )
}

const GRANT = both(
  'Grant access again with it in the console, under Settings of the connection, if the plan of the account has it; the rest is not affected.',
  '如账户套餐包含该功能，请在控制台该连接的“设置”中重新授权并包含该权限；其余数据不受影响。',
)

/** The app was uninstalled at the source, or its access taken away; the source does not tell which. */
export const GONE: Reason = reason(
  UNINSTALLED,
  both(
    'The source no longer grants access: the app was uninstalled there, or its access was taken away.',
    '数据源不再授权访问：应用已在该处卸载，或访问权限已被收回。',
  ),
  both(
    'Connect again in the console, or disconnect. The data so far is kept.',
    '请在控制台重新连接，或断开连接。已有数据会保留。',
  ),
)

const AGAIN = both(
  'Run it again; if it stays, look at the status page of the source.',
  '请重新运行；若仍然如此，请查看数据源的服务状态页。',
)
const WAIT = both(
  'It goes on by itself, or run it again after that time.',
  '届时会自动继续，也可在该时间之后重新运行。',
)
const RECONNECT = both(
  'Give new credentials with "connections set" or "connect". The data so far is kept.',
  '请用 connections set 或 connect 提供新的凭据。已有数据会保留。',
)
const ALLOW = both(
  'Grant the scope named above to the token, or use an account whose plan has it; the rest is not affected.',
  '请为令牌授予上述权限范围，或使用套餐包含该功能的账户；其余数据不受影响。',
)
const SETTINGS = both(
  'Correct the settings of the connection with "connections set".',
  '请用 connections set 更正该连接的设置。',
)
const REPORT = both(
  'The source answered in a way this version does not know. Update roi-panel, or report it with the message above.',
  '数据源的应答超出当前版本的认知。请升级 roi-panel，或附上以上信息反馈。',
)
const DOUBT = both(
  'If they were really deleted, disconnect with --erase and connect again; otherwise check the scopes of the credentials.',
  '若确已删除，请用 disconnect --erase 断开后重新连接；否则请检查凭据的权限范围。',
)
const LOG = both('The log has the details.', '详情见日志。')
