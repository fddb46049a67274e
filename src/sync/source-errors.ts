import { RoiError, type Text } from '../errors.ts'
import type { Connection } from '../state/state.ts'
import type { Connector } from './contract.ts'
import { reasonOf } from './reasons.ts'

/** What connecting, synchronizing and disconnecting are refused with. */

export function connectFailed(connector: Connector, error: unknown): RoiError {
  const { code, message, remedy } = reasonOf(error)
  const kind = code === 'unauthorized' ? 'auth' : 'unavailable'
  const title = connector.title
  const text: Text = {
    en: `${title.en} could not be connected. ${message.en}`,
    'zh-CN': `无法连接 ${title['zh-CN']}。${message['zh-CN']}`,
  }
  return new RoiError(kind, 'connect_failed', text, remedy ?? undefined, { cause: error })
}

export function syncRunning(connection: Connection): RoiError {
  return new RoiError(
    'unavailable',
    'sync_running',
    {
      en: `"${connection.title}" is being synchronized already.`,
      'zh-CN': `“${connection.title}”正在同步中。`,
    },
    { en: '"roi-panel status" shows how far it is.', 'zh-CN': '可用 roi-panel status 查看进度。' },
  )
}

export function settingsBusy(): RoiError {
  return new RoiError(
    'unavailable',
    'settings_busy',
    {
      en: 'The settings of this connection are being changed elsewhere. Nothing was changed.',
      'zh-CN': '此连接的设置正在别处修改。未作任何更改。',
    },
    { en: 'Run it again in a moment.', 'zh-CN': '请稍后重试。' },
  )
}

export function disconnected(): RoiError {
  return new RoiError('unavailable', 'disconnected', {
    en: 'The connection was taken away.',
    'zh-CN': '该连接已被移除。',
  })
}

export function stopping(): RoiError {
  return new RoiError('unavailable', 'stopping', { en: 'The program is ending.', 'zh-CN': '程序正在退出。' })
}
