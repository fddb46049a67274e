import type { ConnectorError, Text } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import type { Connection } from '../state/state.ts'
import type { Used } from '../sync/connections.ts'
import type { Purpose } from '../sync/contract.ts'
import { keyOf } from '../sync/form.ts'
import type { Reason } from '../sync/outcome.ts'
import { reasonOf } from '../sync/reasons.ts'

/** What was asked, for whom, and what for. */
export interface Asked extends Pick<Used, 'connector' | 'granted'> {
  readonly workspace: Workspace
  readonly connection: Connection
  readonly purpose: Purpose
  /** Public address of this service, where it has one. */
  readonly publicUrl: string | undefined
}

/** Why a source refused; what helps against a missing scope is told as it is done for this connection. */
export function refusalOf(error: ConnectorError, asked: Asked): Reason {
  const reason = reasonOf(error)
  if (reason.code !== 'missing_scope') return reason
  return { ...reason, remedy: asked.granted ? grantAgain(asked) : addToKey(asked) }
}

/** What was granted is not enough for a purpose, as far as the source told; null where it is. */
export function missingFor(
  asked: Asked,
  scopes: readonly string[] | undefined,
): Pick<Reason, 'message' | 'remedy'> | null {
  const { auth, title } = asked.connector
  const { optional = [], conditional = [] } = (auth.type === 'oauth2' && auth.scopes.onDemand?.[asked.purpose]) || {}
  const missing = scopes ? [...optional, ...conditional].filter((scope) => !scopes.includes(scope)) : []
  if (missing.length === 0) return null
  const list = missing.join(', ')
  const message = {
    en: `${title.en} has not granted ${list}.`,
    'zh-CN': `${title['zh-CN']} 尚未授予 ${list}。`,
  }
  return { message, remedy: grantAgain(asked) }
}

function grantAgain({ workspace, connection, purpose, publicUrl = '' }: Asked): Text {
  const query = new URLSearchParams({ workspace: workspace.key, again: connection.id, with: purpose })
  const address = `${publicUrl}/oauth/${connection.connector}/start?${query}`
  const where = publicUrl ? { en: '', 'zh-CN': '' } : { en: ' at this server', 'zh-CN': '（本服务上的地址）' }
  return {
    en: `Grant access again with it: in the console under Settings of the connection, or open ${address}${where.en}. Nothing else changes.`,
    'zh-CN': `请重新授权并包含该权限：在控制台该连接的“设置”中，或打开 ${address}${where['zh-CN']}。其他不受影响。`,
  }
}

function addToKey({ connector, connection }: Asked): Text {
  const { en, 'zh-CN': zh } = connector.title
  const command = `roi-panel connections set ${connection.id} ${keyOf(connector.auth)?.setting ?? 'KEY'}=@FILE`
  return {
    en: `Add it to the key in ${en}. If that makes a new key: ${command}`,
    'zh-CN': `请在 ${zh} 中为该密钥添加此权限。如因此生成新密钥：${command}`,
  }
}
