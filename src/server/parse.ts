import type { z } from 'zod'
import { type Locale, RoiError } from '../errors.ts'

/**
 * Parses what a person or a program asks.
 * @param show how a parameter is written where it was given, such as `--date-basis`
 * @throws RoiError `bad_request` that names each wrong parameter and what would be right
 */
export function parse<T extends z.ZodType>(
  schema: T,
  input: unknown,
  show: (parameter: string) => string = (parameter) => parameter,
): z.output<T> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.slice(0, 5)
  const list = (locale: Locale) =>
    issues.map((issue) => `${show(issue.path.join('.'))} (${EXPECTED[locale](issue)})`).join(SEPARATOR[locale])
  throw new RoiError(
    'usage',
    'bad_request',
    { en: `Not valid: ${list('en')}.`, 'zh-CN': `参数无效：${list('zh-CN')}。` },
    { en: 'Correct it and try again.', 'zh-CN': '请修正后重试。' },
    { cause: parsed.error },
  )
}

const SEPARATOR = { en: ', ', 'zh-CN': '，' } as const

/** What would have been right, in words. Never repeats the input: it may be long or hostile. */
const EXPECTED: Record<Locale, (issue: z.core.$ZodIssue) => string> = {
  en(issue) {
    switch (issue.code) {
      case 'invalid_value':
        return `one of ${issue.values.join(', ')}`
      case 'custom':
        return 'must be after from'
      case 'invalid_format':
        return issue.format === 'date' ? 'a day such as 2026-01-31' : issue.format
      case 'too_big':
        return `at most ${issue.maximum}`
      case 'too_small':
        return `at least ${issue.minimum}`
      case 'invalid_type':
        return issue.input === undefined ? 'missing' : `must be a ${issue.expected}`
      default:
        return 'not understood'
    }
  },
  'zh-CN'(issue) {
    switch (issue.code) {
      case 'invalid_value':
        return `可选 ${issue.values.join('、')}`
      case 'custom':
        return '必须晚于 from'
      case 'invalid_format':
        return issue.format === 'date' ? '应为日期，如 2026-01-31' : issue.format
      case 'too_big':
        return `最大 ${issue.maximum}`
      case 'too_small':
        return `最小 ${issue.minimum}`
      case 'invalid_type':
        return issue.input === undefined ? '缺失' : `应为 ${issue.expected}`
      default:
        return '无法识别'
    }
  },
}
