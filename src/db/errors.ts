import { RoiError } from '../errors.ts'

/** Two source records whose surrogates are equal: keeping either would mix them up, so neither is written. */
export function collided(table: string, sourceId: string): RoiError {
  return new RoiError('failure', 'id_collision', {
    en: `Two records of ${table} share one internal id ("${sourceId}"). Nothing was written.`,
    'zh-CN': `${table} 中两条记录的内部编号相同（“${sourceId}”）。未写入任何数据。`,
  })
}

/** No room to write: nothing of the transaction is kept, everything before it is. */
export function diskFull(cause: Error): RoiError {
  return new RoiError(
    'unavailable',
    'disk_full',
    {
      en: 'The disk of the data directory is full. The last step was not saved; everything before it is.',
      'zh-CN': '数据目录所在磁盘已满。最后一步未保存，之前的数据都在。',
    },
    {
      en: 'Free some space, then run the same command again.',
      'zh-CN': '请释放空间后重新运行同一命令。',
    },
    { cause },
  )
}
