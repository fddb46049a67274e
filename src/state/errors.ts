import { diskFull } from '../db/errors.ts'
import { RoiError } from '../errors.ts'

/** What a failed write below the data directory means to a person; every other error passes as it is. */
export function dataError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT' || error.code === 'EFBIG') return diskFull(error)
  if (error.code !== 'EACCES' && error.code !== 'EPERM' && error.code !== 'EROFS') return error
  const path = 'path' in error ? ` ${String(error.path)}` : ''
  return new RoiError(
    'unavailable',
    'data_unwritable',
    { en: `The data directory cannot be written:${path}.`, 'zh-CN': `无法写入数据目录：${path}。` },
    {
      en: 'Give the user that runs roi-panel the right to write there, or choose another one with --data DIR.',
      'zh-CN': '请为运行 roi-panel 的用户授予写权限，或用 --data DIR 指定其他目录。',
    },
    { cause: error },
  )
}
