import { RoiError } from '../../errors.ts'

export function targetNotEmpty(): RoiError {
  return new RoiError(
    'usage',
    'target_not_empty',
    {
      en: 'The target of the migration holds data already. Nothing was changed.',
      'zh-CN': '迁移目标中已有数据。未作任何更改。',
    },
    {
      en: 'Name an empty database or directory; a migration never merges two stores.',
      'zh-CN': '请指定空的数据库或目录；迁移不会合并两份数据。',
    },
  )
}

export function sourceUnsettled(workspace: string): RoiError {
  return new RoiError(
    'unavailable',
    'source_unsettled',
    {
      en: `Earlier work in workspace ${workspace} is not finished. Nothing was copied.`,
      'zh-CN': `工作区 ${workspace} 中有尚未完成的操作。未复制任何数据。`,
    },
    {
      en: `Run "roi-panel recompute -w ${workspace}", which finishes it, then migrate again.`,
      'zh-CN': `请先运行 “roi-panel recompute -w ${workspace}” 完成该操作，然后重新迁移。`,
    },
  )
}

export function sourceIncomplete(): RoiError {
  return new RoiError(
    'usage',
    'source_incomplete',
    {
      en: 'The source is itself the target of a migration that did not end.',
      'zh-CN': '源数据本身是一次尚未完成的迁移的目标。',
    },
    { en: 'Run that migration again first.', 'zh-CN': '请先重新运行那次迁移。' },
  )
}

/** @param what name of a table, or of a report */
export function notEqual(workspace: string, what: string): RoiError {
  return new RoiError(
    'quality',
    'migration_differs',
    {
      en: `After the copy, ${what} of workspace ${workspace} differs from the source. The target is marked as incomplete.`,
      'zh-CN': `复制后，工作区 ${workspace} 的 ${what} 与源数据不一致。目标已标记为未完成。`,
    },
    {
      en: 'Make sure that nothing writes to the source or the target, then run the same command again.',
      'zh-CN': '请确认没有其他程序写入源或目标，然后重新运行同一命令。',
    },
  )
}
