import { expect, test } from 'vitest'
import { progressLine } from '../widget/page/console/progress-view.ts'
import { CONSOLE_WORDS } from '../widget/page/console/words.ts'

const STREAMS = [{ stream: 'deals', title: 'Deals', optional: false }]
const PROGRESS = {
  stream: 'deals',
  rows: 1200,
  part: 0.438,
  rows_per_second: 299.6,
  eta: [61, 118] as [number, number],
}
const { en, 'zh-CN': zh } = CONSOLE_WORDS

test('a run under way tells what it reads, how far and how fast it is, and how long it takes', () => {
  expect(progressLine(en, { progress: PROGRESS, quota: { left: 42, of: 110 } }, STREAMS)).toBe(
    'Deals · 1,200 rows · 43% · 300 rows/s · about 1 min – 2 min left · 42 of 110 requests left',
  )
  expect(progressLine(zh, { progress: PROGRESS, quota: null }, [{ ...STREAMS[0]!, title: '商机' }])).toBe(
    '商机 · 1,200 行 · 43% · 每秒 300 行 · 约剩 1 分钟 – 2 分钟',
  )
})

test('what is not known is left out', () => {
  const bare = { stream: 'leads', rows: 3, part: null, rows_per_second: 0, eta: null }
  expect(progressLine(en, { progress: bare, quota: null }, STREAMS)).toBe('leads · 3 rows')
  expect(progressLine(en, { progress: null, quota: { left: 1, of: 2 } }, STREAMS)).toBe('')
})

test.each([
  [0, 0.2, '1 s'],
  [40, 44, '40 s – 44 s'],
  [59.6, 62, '1 min'],
  [5399, 7200, '90 min – 2 h'],
])('%d to %d seconds are %s', (from, to, text) => {
  const progress = { ...PROGRESS, eta: [from, to] as [number, number] }
  expect(progressLine(en, { progress, quota: null }, STREAMS)).toContain(`about ${text} left`)
})
