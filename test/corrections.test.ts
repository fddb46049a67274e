import { describe, expect, test } from 'vitest'
import { Corrected, Corrections } from '../src/api/corrections.ts'
import { isRoiError } from '../src/errors.ts'
import { correctionServices } from '../src/server/corrections.ts'
import { REQUESTS } from '../src/server/requests.ts'
import { QUIET } from '../src/server/services.ts'
import { actingAs } from '../src/state/actor.ts'
import { pullCorrections } from '../src/sync/corrections.ts'
import { finishInterrupted, rebuild } from '../src/sync/rebuild.ts'
import { importTexts, openPlace, type Place } from './import-kit.ts'
import { ENGINES, openTestDatabase } from './support/databases.ts'
import { load, loadAndRecompute } from './support/store.ts'

const FILES = {
  'campaigns.csv': 'campaign_id,name,channel\nEXPO,Expo,expo\nSEM,Search,google\n',
  'contacts.csv': 'contact_id,created_at\nc1,2026-01-01\nc2,2026-01-01\n',
  'touches.csv': [
    'touch_id,contact_id,occurred_at,channel,campaign_id,kind',
    'T-1,c1,2026-01-01,,SEM,ad_click',
    'T-2,c1,2026-01-02,direct,,visit',
    'T-3,c2,2026-01-02,direct,,visit',
  ].join('\n'),
  'deals.csv':
    'deal_id,contact_ids,amount,created_at,closed_at,won\nd1,c1,100,2026-01-05,2026-01-10,yes\nd2,c2,50,2026-01-05,2026-01-10,yes\n',
}

async function world(engine: (typeof ENGINES)[number]) {
  const place = await openPlace(engine)
  await importTexts(place, FILES)
  return { place, ...commandsOf(place) }
}

/** The commands as an HTTP request or a command line would ask them; answers are checked against the API. */
function commandsOf({ env }: Place) {
  const services = correctionServices(env)
  return {
    correct: async (ask: object) => Corrected.parse(await services.correct(REQUESTS.correct.parse(ask), QUIET)),
    revoke: async (id: string) => Corrected.parse(await services.revoke_correction({ id }, QUIET)),
    list: async (all = false) => Corrections.parse(await services.corrections({ all }, QUIET)).corrections,
  }
}

/** Linear credit of won deals: `d1 T-1 google SEM 5000`. */
async function credit({ env }: Place): Promise<string[]> {
  const rows = await env.database.query(
    `SELECT d.source_id AS deal, t.source_id AS touch, h.key AS channel, k.source_id AS campaign, c.m_linear
     FROM credit AS c
     JOIN deal AS d ON d.tenant_id = c.tenant_id AND d.id = c.outcome_id
     LEFT JOIN touch AS t ON t.tenant_id = c.tenant_id AND t.id = c.touch_id
     LEFT JOIN channel AS h ON h.tenant_id = c.tenant_id AND h.id = c.channel_id
     LEFT JOIN campaign AS k ON k.tenant_id = c.tenant_id AND k.id = c.campaign_id
     WHERE c.tenant_id = 1 AND c.kind = 5 ORDER BY d.source_id, c.position`,
  )
  return rows.map(
    (row) => `${row.deal} ${row.touch ?? '-'} ${row.channel ?? '-'} ${row.campaign ?? '-'} ${row.m_linear}`,
  )
}

const BEFORE = ['d1 T-1 google SEM 5000', 'd1 T-2 direct - 5000', 'd2 T-3 direct - 5000']

async function failure(work: Promise<unknown>): Promise<{ code: string; remedy: string | undefined }> {
  const error = await work.catch((reason: unknown) => reason)
  if (!isRoiError(error)) throw error
  for (const locale of ['en', 'zh-CN'] as const) expect(error.describe(locale)).not.toBe('')
  return { code: error.code, remedy: error.remedy?.en }
}

describe.each(ENGINES)('corrected touches on %s', (engine) => {
  test('one that is left out gets no credit, and comes back when the correction is revoked', async () => {
    const { place, correct, revoke, list } = await world(engine)
    expect(await credit(place)).toEqual(BEFORE)
    const done = await actingAs('user:chen', () => correct({ touch: 'T-2', leave_out: true, reason: ' our own test ' }))
    expect(done.correction).toMatchObject({
      touch: { source: 'files', id: 'T-2', occurred_at: '2026-01-02T00:00:00.000Z', kind: 'visit' },
      action: 'leave_out',
      reason: 'our own test',
      was: { channel: 'direct', campaign: null },
      author: 'user:chen',
      revoked_at: null,
    })
    // The lead, the opportunity and the won deal of one person, and nobody else's.
    expect(done.outcomes).toBe(3)
    expect(await credit(place)).toEqual(['d1 T-1 google SEM 10000', 'd2 T-3 direct - 5000'])
    const { id } = done.correction
    expect(await list()).toEqual([done.correction])
    const back = await actingAs('command_line', () => revoke(id))
    expect(back.correction).toMatchObject({ revoked_by: 'command_line' })
    expect(await credit(place)).toEqual(BEFORE)
    expect(await list()).toEqual([])
    expect(await list(true)).toEqual([back.correction])
    const audit = await place.env.state.audit(1)
    expect(audit.filter(({ action }) => action === 'correction')).toMatchObject([
      { actor: 'command_line', subject: id, before: { touch: 'files:T-2', action: 'leave_out' }, after: null },
      { actor: 'user:chen', subject: id, before: null, after: { reason: 'our own test' } },
    ])
    expect(await failure(revoke(id))).toMatchObject({ code: 'correction_revoked' })
    expect(await failure(revoke('cor_none'))).toMatchObject({ code: 'unknown_correction' })
  })

  test('one that is moved counts for the other channel or campaign, and a new correction replaces the old one', async () => {
    const { place, correct, list } = await world(engine)
    await correct({ touch: 'T-2', campaign: 'EXPO', reason: 'badge scan' })
    expect((await credit(place))[1]).toBe('d1 T-2 expo EXPO 5000')
    await correct({ touch: 'T-2', channel: 'google', reason: 'no, an ad' })
    expect((await credit(place))[1]).toBe('d1 T-2 google - 5000')
    const both = await correct({ touch: 'T-2', channel: 'partner', campaign: 'EXPO', reason: 'by a partner' })
    expect(both.correction.was).toEqual({ channel: 'google', campaign: null })
    expect((await credit(place))[1]).toBe('d1 T-2 partner EXPO 5000')
    expect((await list(true)).map(({ revoked_at }) => revoked_at === null)).toEqual([true, false, false])
    // The campaign it was moved to becomes another channel's.
    await correct({ touch: 'T-2', campaign: 'EXPO', reason: 'badge scan' })
    await importTexts(place, { 'campaigns.csv': 'campaign_id,name,channel\nEXPO,Expo,fair\n' })
    expect((await credit(place))[1]).toBe('d1 T-2 fair EXPO 5000')
  })

  test('holds whatever happens to the touch: synced anew, rebuilt, in a fact store that is new', async () => {
    const { place, correct } = await world(engine)
    await correct({ touch: 'T-2', campaign: 'EXPO', reason: 'badge scan' })
    await correct({ touch: 'T-3', leave_out: true, reason: 'test' })
    const after = ['d1 T-1 google SEM 5000', 'd1 T-2 expo EXPO 5000', 'd2 - - - 5000']
    expect(await credit(place)).toEqual(after)
    await importTexts(place, { 'touches.csv': FILES['touches.csv'].replace('direct,,visit', 'direct,SEM,form') })
    expect(await credit(place)).toEqual(after)
    await rebuild(place.env, place.workspace)
    expect(await credit(place)).toEqual(after)
    const empty = { ...place, env: { ...place.env, database: await openTestDatabase(engine) } }
    await finishInterrupted(empty.env)
    expect(await credit(empty)).toEqual(after)
    expect(await pullCorrections(empty.env, place.workspace)).toBe(0)
  })

  test('a correction whose facts were not written yet is found by the next start', async () => {
    const { place } = await world(engine)
    const touch = { source: 'files', id: 'T-3' }
    await place.env.state.addCorrection(1, {
      touch,
      action: 'leave_out',
      channel: null,
      campaign: null,
      reason: 'killed right after',
      was: { channel: 'direct', campaign: null },
    })
    await finishInterrupted(place.env)
    expect(await credit(place)).toEqual([...BEFORE.slice(0, 2), 'd2 - - - 5000'])
  })

  test('what is named must be there, once', async () => {
    const { place, correct } = await world(engine)
    const base = { touch: 'T-2', reason: 'x' }
    expect(await failure(correct(base))).toMatchObject({ code: 'bad_correction' })
    expect(await failure(correct({ ...base, leave_out: true, channel: 'google' }))).toMatchObject({
      code: 'bad_correction',
    })
    expect(await failure(correct({ touch: 't-2', leave_out: true, reason: 'x' }))).toEqual({
      code: 'unknown_touch',
      remedy: 'The nearest: T-2, T-1, T-3.',
    })
    expect(await failure(correct({ ...base, channel: 'gogle' }))).toEqual({
      code: 'unknown_channel',
      remedy: expect.stringContaining('google'),
    })
    expect(await failure(correct({ ...base, campaign: 'EXP' }))).toEqual({
      code: 'unknown_campaign',
      remedy: 'The nearest: EXPO, SEM.',
    })
    expect(await failure(correct({ ...base, source: 'hubspot', leave_out: true }))).toMatchObject({
      code: 'unknown_touch',
    })
    for (const reason of ['', '   ']) expect(REQUESTS.correct.safeParse({ ...base, reason }).success).toBe(false)
    await load(place.env.database, 1, [
      { type: 'campaign', id: 'EXPO', name: 'Another' },
      { type: 'touch', id: 'T-2', person: { contactId: 'x' }, occurredAt: new Date('2026-01-02') },
    ])
    expect(await failure(correct({ ...base, leave_out: true }))).toEqual({
      code: 'ambiguous_touch',
      remedy: 'Say which with --source files.',
    })
    // The campaign of the touch's own source is meant, else it must be said.
    const own = await correct({ ...base, source: 'files', campaign: 'EXPO' })
    expect(own.correction.campaign).toEqual({ source: 'files', id: 'EXPO' })
    await loadAndRecompute(place.env.database, 1, [
      { type: 'touch', id: 'T-9', person: { contactId: 'y' }, occurredAt: new Date('2026-01-02') },
    ])
    await load(place.env.database, 1, [{ type: 'campaign', id: 'K', name: 'K' }], 'a')
    await load(place.env.database, 1, [{ type: 'campaign', id: 'K', name: 'K' }], 'b')
    expect(await failure(correct({ touch: 'T-9', campaign: 'K', reason: 'x' }))).toMatchObject({
      code: 'ambiguous_campaign',
    })
    const said = await correct({ touch: 'T-9', campaign: 'K', campaign_source: 'b', reason: 'x' })
    expect(said.correction.campaign).toEqual({ source: 'b', id: 'K' })
  })
})
