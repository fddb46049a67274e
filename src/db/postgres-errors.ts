import { Client } from 'pg'
import { isRoiError, type Kind, RoiError, type Text } from '../errors.ts'
import { diskFull } from './errors.ts'

/** Failures of the way to the server, as Node and the driver name them. */
const UNREACHABLE =
  /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOENT|connection terminated|timeout expired|connection error and is not queryable|does not support SSL/i

/** Turns what the server and the driver throw into failures a person can act on; everything else passes as it is. */
export function translator(url: string): (error: unknown) => unknown {
  const place = placeOf(url)
  return (error) => {
    if (!(error instanceof Error) || isRoiError(error)) return error
    const state = 'code' in error && typeof error.code === 'string' ? error.code : ''
    if (state === '53100') return diskFull(error)
    const failure = failureOf(state, error.message)?.(place)
    return failure ? new RoiError(failure.kind, failure.code, failure.text, failure.remedy, { cause: error }) : error
  }
}

interface Failure {
  readonly kind: Kind
  readonly code: string
  readonly text: Text
  readonly remedy: Text
}

function failureOf(state: string, message: string): ((place: string) => Failure) | undefined {
  const known = EXPECTED.find(([pattern]) => pattern.test(state))
  if (known) return known[1]
  // The driver's own words when the server asks for a password and the URL has none.
  if (message.startsWith('SASL')) return refused
  return UNREACHABLE.test(`${state} ${message}`) ? unreachable : undefined
}

/** By SQLSTATE. */
const EXPECTED: readonly (readonly [RegExp, (place: string) => Failure])[] = [
  [/^(08...|57P0[123]|53300)$/, unreachable],
  [/^28...$/, refused],
  [
    /^3D000$/,
    (place) => ({
      kind: 'unavailable',
      code: 'store_missing',
      text: { en: `There is no database ${place}.`, 'zh-CN': `数据库 ${place} 不存在。` },
      remedy: {
        en: 'Create it with encoding UTF8, or name another one in ROI_PANEL_DATABASE_URL.',
        'zh-CN': '请以 UTF8 编码创建该数据库，或在 ROI_PANEL_DATABASE_URL 中指定其他数据库。',
      },
    }),
  ],
  [
    /^42501$/,
    (place) => ({
      kind: 'unavailable',
      code: 'store_forbidden',
      text: {
        en: `The user of ROI_PANEL_DATABASE_URL lacks a right in ${place}.`,
        'zh-CN': `ROI_PANEL_DATABASE_URL 中的用户在 ${place} 中权限不足。`,
      },
      remedy: {
        en: 'Make it the owner of the database (ALTER DATABASE … OWNER TO …), then run the same command again.',
        'zh-CN': '请将该用户设为数据库所有者（ALTER DATABASE … OWNER TO …），然后重新运行同一命令。',
      },
    }),
  ],
  [
    /^25006$/,
    (place) => ({
      kind: 'unavailable',
      code: 'store_read_only',
      text: {
        en: `PostgreSQL at ${place} accepts no changes at the moment.`,
        'zh-CN': `位于 ${place} 的 PostgreSQL 目前不接受写入。`,
      },
      remedy: {
        en: 'Name the primary server, or free its disk if the provider locked it, then run the same command again.',
        'zh-CN': '请指定主服务器；若因磁盘已满被服务商锁定，请先释放空间，然后重新运行同一命令。',
      },
    }),
  ],
  [
    /^(55P03|40P01|40001)$/,
    () => ({
      kind: 'unavailable',
      code: 'store_busy',
      text: {
        en: 'Another process is changing the same data. Nothing of this step was saved.',
        'zh-CN': '另一个进程正在修改相同的数据。本步骤未保存任何内容。',
      },
      remedy: { en: 'Run it again in a moment.', 'zh-CN': '请稍后重试。' },
    }),
  ],
  [
    /^57014$/,
    () => ({
      kind: 'unavailable',
      code: 'store_timeout',
      text: {
        en: 'The database took too long and the statement was stopped. Nothing of this step was saved.',
        'zh-CN': '数据库处理时间过长，语句已被停止。本步骤未保存任何内容。',
      },
      remedy: {
        en: 'Choose a shorter period, or run it again when the server is less busy.',
        'zh-CN': '请缩短时间范围，或在服务器较空闲时重试。',
      },
    }),
  ],
]

function refused(place: string): Failure {
  return {
    kind: 'unavailable',
    code: 'store_login',
    text: {
      en: `PostgreSQL at ${place} refused the user or the password.`,
      'zh-CN': `位于 ${place} 的 PostgreSQL 拒绝了用户名或密码。`,
    },
    remedy: {
      en: 'Check both in ROI_PANEL_DATABASE_URL; special characters of a password must be percent-encoded there.',
      'zh-CN': '请检查 ROI_PANEL_DATABASE_URL 中的用户名和密码；密码中的特殊字符须用百分号编码。',
    },
  }
}

function unreachable(place: string): Failure {
  return {
    kind: 'unavailable',
    code: 'store_unreachable',
    text: { en: `PostgreSQL at ${place} cannot be reached.`, 'zh-CN': `无法连接位于 ${place} 的 PostgreSQL。` },
    remedy: {
      en: 'Check that the server runs and that ROI_PANEL_DATABASE_URL names it, then run the same command again.',
      'zh-CN': '请确认服务器正在运行且 ROI_PANEL_DATABASE_URL 指向该服务器，然后重新运行同一命令。',
    },
  }
}

/** `host:port/database`: what may be shown of a URL. */
function placeOf(url: string): string {
  try {
    if (!/^postgres(ql)?:\/\//.test(url)) throw new TypeError('another kind of URL')
    const { host, port, database } = new Client({ connectionString: url })
    return `${host}:${port}/${database}`
  } catch {
    // The parser's error holds the URL and with it the password, so it is not kept as the cause.
    throw new RoiError(
      'usage',
      'store_url',
      { en: 'ROI_PANEL_DATABASE_URL is no valid URL.', 'zh-CN': 'ROI_PANEL_DATABASE_URL 不是有效的 URL。' },
      {
        en: 'Write it as postgres://user:password@host:5432/database; special characters must be percent-encoded.',
        'zh-CN': '格式为 postgres://user:password@host:5432/database；特殊字符须用百分号编码。',
      },
    )
  }
}
