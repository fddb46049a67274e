import { describe, expect, test } from 'vitest'
import { type RecordType, RecordView } from '../src/api.ts'
import type { Locale } from '../src/errors.ts'
import { record, type Viewer } from '../src/metrics/record.ts'
import { ENGINES, openTestDatabase, type TestStore } from './support/databases.ts'
import { OWNED } from './support/owned-records.ts'
import { load, testWorkspace } from './support/store.ts'

const LI = { source: 'test', user: '11', email: 'li@x.cn' }

function view(database: TestStore, type: RecordType, id: string, viewer?: Viewer, locale: Locale = 'en') {
  return record(database, testWorkspace(1), {
    type,
    id,
    source: 'test',
    sources: [{ source: 'test', connected: true }],
    model: 'linear',
    locale,
    asOf: null,
    now: new Date('2026-07-01T00:00:00Z'),
    viewer,
  }).then((answer) => RecordView.parse(answer))
}

describe.each(ENGINES)('F135: what somebody sees who sees only what is his, %s', (engine) => {
  const stored = async () => {
    const database = await openTestDatabase(engine)
    await load(database, 1, OWNED)
    return database
  }
  const deals = ['101', '102', '103', '104', '106', '107', '108']
  const seen = async (database: TestStore, viewer: Viewer) => {
    const found: string[] = []
    for (const id of deals) {
      const answer = await view(database, 'deal', id, viewer).catch((error) => error)
      if (!(answer instanceof Error)) found.push(id)
      else expect(answer).toMatchObject({ code: 'unknown_record' })
    }
    return found
  }

  test('deals of his own, of his teams and of nobody', async () => {
    const database = await stored()
    expect(await seen(database, LI)).toEqual(['101', '102', '104'])
    expect(await seen(database, { ...LI, user: '13', email: 'zhao@x.cn' })).toEqual(['103', '104'])
    // Known by his id, whatever his address is by now; by his address where no id was read.
    expect(await seen(database, { ...LI, email: '' })).toEqual(['101', '102', '104'])
    expect(await seen(database, { ...LI, user: '99', email: ' SUN@x.cn' })).toEqual(['104', '107'])
    // Who left, and who has her address now.
    expect(await seen(database, { ...LI, user: '14', email: '' })).toEqual(['104', '106'])
    expect(await seen(database, { ...LI, user: '15', email: 'given-on@x.cn' })).toEqual(['104'])
    // Nobody, and somebody of that id in another source.
    expect(await seen(database, { ...LI, user: '99', email: '' })).toEqual(['104'])
    expect(await seen(database, { ...LI, source: 'other' })).toEqual(['104'])
  })

  test('a contact and an account show the single deals he sees, and the sums of all', async () => {
    const database = await stored()
    for (const [type, id] of [
      ['account', '50'],
      ['contact', '60'],
    ] as const) {
      const whole = await view(database, type, id)
      const own = await view(database, type, id, LI)
      expect(own.deals.map(({ name }) => name).sort()).toEqual(['Of nobody', 'Of the team', 'Own'])
      expect([own.deals_count, whole.deals_count]).toEqual([3, 4])
      expect(own.figures).toEqual(whole.figures)
      expect(own.sentence).toBe(whole.sentence)
      expect(own.credit).toEqual(whole.credit)
      expect(own.reconciliation).toEqual(whole.reconciliation)
      expect(own.journey_more).toBe(whole.journey_more)
      // Neither the name nor an amount of the deal of another, nor what was paid for it.
      expect(JSON.stringify(own)).not.toMatch(/Zhao|777/)
      expect(JSON.stringify(whole)).toMatch(/Of Zhao.*777\.77/)
      const labels = (view: RecordView) => view.journey.filter(({ kind }) => kind === 'won').map(({ label }) => label)
      expect([labels(own).length, labels(whole).length]).toEqual([3, 4])
    }
  })

  test('a contact or account with deals of others only is not there; one without owners is everybody’s', async () => {
    const database = await stored()
    const refused = { code: 'unknown_record' }
    await expect(view(database, 'account', '51', LI)).rejects.toMatchObject(refused)
    await expect(view(database, 'contact', '61', LI)).rejects.toMatchObject(refused)
    expect((await view(database, 'account', '52', LI)).record.name).toBe('Without deals')
    expect((await view(database, 'contact', '62', LI)).record.name).toBe('Without deals')
    const stranger = { ...LI, user: '99', email: '' }
    await expect(view(database, 'account', '50', stranger)).rejects.toMatchObject(refused)
    await expect(view(database, 'contact', '60', stranger)).rejects.toMatchObject(refused)
    expect((await view(database, 'contact', '62', stranger)).deals_count).toBe(0)
  })

  test('a refusal is word for word what is said of a record that is not there', async () => {
    const database = await stored()
    const said = async (type: RecordType, id: string, locale: Locale) => {
      const error = await view(database, type, id, LI, locale).catch((error) => error)
      const text = JSON.stringify([error.code, error.status, error.text, error.remedy])
      expect(text).toContain(id)
      expect(error.text[locale]).toMatch(locale === 'en' ? /that you may see/ : /您可查看/)
      return text.replaceAll(id, '<id>')
    }
    for (const locale of ['en', 'zh-CN'] as const) {
      for (const [type, his] of [
        ['deal', '103'],
        ['account', '51'],
        ['contact', '61'],
      ] as const) {
        expect(await said(type, his, locale)).toBe(await said(type, '999', locale))
      }
    }
  })

  test('campaigns are nobody’s', async () => {
    const database = await stored()
    await load(database, 1, [{ type: 'campaign', id: 'k', name: 'Expo', channel: 'events' }])
    expect((await view(database, 'campaign', 'k')).record.name).toBe('Expo')
    await expect(view(database, 'campaign', 'k', LI)).rejects.toMatchObject({ code: 'unknown_record' })
  })
})
