import type { Connection } from '../state/state.ts'
import { lastWriteBack } from '../sync/write-back-state.ts'
import type { Check, DoctorEnv } from './doctor.ts'

/** How writing to fields of the CRM goes; nothing to say where it is off. */
export async function writeBackChecks(
  { state }: Pick<DoctorEnv, 'state'>,
  { id, settings }: Connection,
): Promise<Check[]> {
  if (settings.write_back !== true) return []
  const known = await lastWriteBack(state, id)
  const check = 'write_back'
  if (!known) {
    const message = {
      en: 'Nothing was written back yet; it begins after the next complete run of the service.',
      'zh-CN': '尚未写回；服务下次完整同步后开始。',
    }
    return [{ check, state: 'ok', message }]
  }
  const at = known.finishedAt.toISOString()
  const { reason, refused } = known
  if (reason) {
    const message = {
      en: `The last write-back failed at ${at}: ${reason.message.en}`,
      'zh-CN': `上次写回失败（${at}）：${reason.message['zh-CN']}`,
    }
    return [{ check, state: 'fail', message, ...(reason.remedy && { remedy: reason.remedy }) }]
  }
  if (refused === 0) {
    const message = { en: `Results were written back at ${at}.`, 'zh-CN': `已于 ${at} 写回结果。` }
    return [{ check, state: 'ok', message }]
  }
  return [
    {
      check,
      state: 'warn',
      message: {
        en: `The source refused ${refused} records of the last write-back (${at}).`,
        'zh-CN': `上次写回（${at}）有 ${refused} 条记录被数据源拒绝。`,
      },
      remedy: { en: `See why: roi-panel write-back ${id}`, 'zh-CN': `查看原因：roi-panel write-back ${id}` },
    },
  ]
}
