import { RoiError, type Text } from '../../errors.ts'
import type { Engine } from './engine.ts'
import type { Form } from './header.ts'

interface Problem {
  readonly name: string | null
  readonly problem: number
  readonly written: string | null
  readonly journeys: number
}

const AMOUNT: Text = {
  en: 'Write a plain decimal such as 1234.50, at most 9,000,000,000,000,000.',
  'zh-CN': '请使用普通小数，例如 1234.50，且不超过 9,000,000,000,000,000。',
}
const WHOLE: Text = { en: 'Write a whole number from 0 up.', 'zh-CN': '请填写不小于 0 的整数。' }

/** What is wrong with a row, by the number the SQL gives it, and what helps. */
const JOURNEY_PROBLEMS: readonly [what: Text, remedy: Text][] = [
  [
    { en: 'has no journey_id', 'zh-CN': '缺少 journey_id' },
    { en: 'Give every row the id of its journey.', 'zh-CN': '请为每一行填写旅程编号。' },
  ],
  [
    { en: 'has a ts that is no time', 'zh-CN': '的 ts 不是时间' },
    {
      en: 'Write epoch seconds (not milliseconds) or ISO 8601, for example 2026-01-31T08:00:00Z.',
      'zh-CN': '请使用纪元秒（非毫秒）或 ISO 8601，例如 2026-01-31T08:00:00Z。',
    },
  ],
  [
    { en: 'has a converted_at that is no time', 'zh-CN': '的 converted_at 不是时间' },
    {
      en: 'Write epoch seconds (not milliseconds) or ISO 8601; leave it empty where nothing converted.',
      'zh-CN': '请使用纪元秒（非毫秒）或 ISO 8601；未转化时留空。',
    },
  ],
  [{ en: 'has a value that is no number, or too large', 'zh-CN': '的 value 不是数字或过大' }, AMOUNT],
  [
    { en: 'has a seq that is no whole number', 'zh-CN': '的 seq 不是整数' },
    { en: 'Write 1, 2, 3 … or leave it empty.', 'zh-CN': '请填写 1、2、3……或留空。' },
  ],
  [
    {
      en: 'has rows with different converted_at or value, so it is not clear what is to be credited',
      'zh-CN': '各行的 converted_at 或 value 不一致，无法确定要归因的内容',
    },
    {
      en: 'Repeat both on every row of a journey; give a second conversion a journey_id of its own.',
      'zh-CN': '请在同一旅程的每一行重复两者；第二次转化请使用单独的 journey_id。',
    },
  ],
]

const PATH_PROBLEMS: readonly [what: Text, remedy: Text][] = [
  [{ en: 'has a total_conversions that is no count', 'zh-CN': '的 total_conversions 不是计数' }, WHOLE],
  [{ en: 'has a total_null that is no count', 'zh-CN': '的 total_null 不是计数' }, WHOLE],
  [
    {
      en: 'has a total_conversion_value that is no number, or too large',
      'zh-CN': '的 total_conversion_value 不是数字或过大',
    },
    AMOUNT,
  ],
  [
    { en: 'has a value but no conversion', 'zh-CN': '有价值但没有转化' },
    { en: 'Correct total_conversions or the value.', 'zh-CN': '请更正 total_conversions 或价值。' },
  ],
]

/**
 * Stops at input that cannot be credited as it stands: half of a file would give numbers that look right.
 * @throws RoiError `row_invalid`, `journey_contradicts`
 */
export async function refuseProblems(engine: Engine, form: Form): Promise<void> {
  // Naming the first one reads the file again, so it is looked for only when there is one.
  const [{ refused } = { refused: 0 }] = await engine.query<{ refused: number }>('refused.sql')
  if (refused === 0) return
  const [found] = await engine.query<Problem>(form === 'journeys' ? 'journey-problems.sql' : 'path-problems.sql')
  if (!found) return
  const problems = form === 'journeys' ? JOURNEY_PROBLEMS : PATH_PROBLEMS
  const [what, remedy] = problems[found.problem - 1]!
  const name = (found.name ?? '').slice(0, 80)
  const text = found.written === null ? '' : ` (${found.written.slice(0, 80)})`
  const more = found.journeys - 1
  throw new RoiError(
    'failure',
    form === 'journeys' && found.problem === 6 ? 'journey_contradicts' : 'row_invalid',
    {
      en: `${form === 'journeys' ? 'Journey' : 'Path'} "${name}" ${what.en}${text}${more > 0 ? `; ${more} more like it` : ''}.`,
      'zh-CN': `${form === 'journeys' ? '旅程' : '路径'}“${name}”${what['zh-CN']}${text}${more > 0 ? `；另有 ${more} 个问题` : ''}。`,
    },
    remedy,
  )
}
