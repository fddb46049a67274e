import { expect, test } from 'vitest'
import { CloseResult, Closes, Restatement } from '../src/api/closes.ts'
import {
  Benchmarks,
  ConfigList,
  ConfigShown,
  Manifest,
  Metrics,
  ReportWithManifest,
  RunView,
} from '../src/api/governance.ts'
import { QualityRows, QualityScore } from '../src/api/quality.ts'
import { sha256 } from '../src/model/canonical.ts'
import { importTexts } from './import-kit.ts'
import { openSite } from './sign-in-kit.ts'

/** A site with data, and people signed in. */
async function world() {
  const site = await openSite()
  const workspace = (await site.state.findWorkspace('main'))!
  await importTexts(
    { env: site.env, workspace, folder: site.dataDir },
    {
      'campaigns.csv': 'campaign_id,name,channel\nK1,Spring,expo\nK2,Autumn,expo\n',
      'contacts.csv': 'contact_id,created_at,email\nC1,2026-01-01,c1@example.com\n',
      'touches.csv':
        'touch_id,contact_id,occurred_at,campaign_id,channel\nT1,C1,2026-01-02,K1,\nT2,C1,2026-01-03,,wechat\n',
      'costs.csv': 'cost_id,date,amount,category,campaign_id\nF1,2026-01-02,50,event,K1\nF2,2026-01-02,20,event,K2\n',
      'deals.csv': 'deal_id,contact_ids,amount,created_at,closed_at,won\nD1,C1,100,2026-01-05,2026-01-20,yes\n',
    },
  )
  await site.addUser('admin', 'admin')
  await site.addUser('fin', 'finance')
  await site.addUser('rep', 'sales')
  const sign = async (name: string) => {
    const client = site.client()
    await client.signIn(name)
    return (path: string, options: Parameters<typeof client.ask>[1] = {}) => client.ask(`/api/v1${path}`, options)
  }
  return { site, admin: await sign('admin'), finance: await sign('fin'), sales: await sign('rep') }
}

test('a person who is signed in is the author of what they change, with their reason', async () => {
  const { admin, finance } = await world()
  const put = await admin('/settings/lookback_days', { method: 'PUT', json: { value: 90, reason: 'shorter cycles' } })
  expect([put.status, put.body]).toEqual([200, { key: 'lookback_days', value: 90, recomputed: true }])
  expect((await finance('/settings/zone', { method: 'PUT', json: { value: 'UTC' } })).status).toBe(403)
  const list = ConfigList.parse((await finance('/config')).body)
  const { current } = list
  expect(list.versions[0]).toMatchObject({ version: current, author: 'user:admin', reason: 'shorter cycles' })
  expect(list.versions.find(({ version }) => version === 1)).toMatchObject({ author: null })
  const shown = ConfigShown.parse((await finance(`/config/${current}`)).body)
  expect(shown.body.settings.lookback_days).toBe(90)
  const diff = await finance(`/config/diff?from=${current - 1}&to=${current}`)
  expect(diff.body.changes).toEqual([{ path: 'settings.lookback_days', before: 365, after: 90 }])
  expect((await finance(`/config/${current - 1}/restore`, { method: 'POST', json: {} })).status).toBe(403)
  const back = await admin(`/config/${current - 1}/restore`, { method: 'POST', json: { reason: 'as it was' } })
  expect(back.body).toMatchObject({ restored: current - 1, current: current + 1, recomputed: true })
  expect((await finance('/config/99')).body.error.code).toBe('unknown_config_version')
  expect((await finance('/config/x')).status).toBe(400)
  const page = ConfigList.parse((await finance('/config?limit=1')).body)
  expect([page.versions.length, page.next]).toEqual([1, 1])
})

test('a manifest over HTTP names the hash of the very body, and a report can be saved and opened again', async () => {
  const { finance, sales } = await world()
  const plain = await sales('/report?by=channel')
  const answer = await sales('/report?by=channel&manifest=true')
  const { manifest } = ReportWithManifest.parse(answer.body)
  expect(plain.body.manifest).toBeUndefined()
  expect(sha256(plain.text)).toBe(manifest!.result_hash)
  expect((await sales('/runs', { method: 'POST', json: {} })).status).toBe(403)
  const saved = await finance('/runs', { method: 'POST', json: { name: 'January', by: 'channel' } })
  expect(Manifest.parse(saved.body.manifest)).toEqual(manifest)
  expect(saved.body).toMatchObject({ name: 'January', author: 'user:fin' })
  const opened = await sales(`/runs/${saved.body.id}`)
  const view = RunView.parse(opened.body)
  expect(sha256(JSON.stringify(opened.body.result))).toBe(manifest!.result_hash)
  expect(view.since.changed).toBe(false)
  expect((await sales('/runs')).body.runs).toHaveLength(1)
  expect((await sales('/runs/run_x')).status).toBe(404)
})

test('quality: the score, its history, and the records behind a check; the list of findings is as it was', async () => {
  const { sales, finance } = await world()
  const findings = (await sales('/quality?locale=en')).body
  expect(findings.map((one: { code: string }) => one.code)).toEqual([
    'touch_without_campaign',
    'campaign_without_touch',
  ])
  expect(findings[1]).toEqual({
    code: 'campaign_without_touch',
    message: expect.stringContaining('no touch'),
    count: 1,
    money: '20.00',
    examples: ['K2'],
  })
  const score = QualityScore.parse((await sales('/quality/score')).body)
  expect(score.findings.map(({ code, money }) => [code, money])).toEqual([
    ['touch_without_campaign', '50.00'],
    ['campaign_without_touch', '20.00'],
  ])
  expect(score.checks.find(({ code }) => code === 'campaign_without_touch')).toMatchObject({
    checked: 2,
    failed: 1,
    score: 50,
  })
  expect((await sales('/quality/score', { method: 'POST', json: {} })).status).toBe(403)
  expect(QualityScore.parse((await finance('/quality/score', { method: 'POST', json: {} })).body).history).toHaveLength(
    1,
  )
  const rows = QualityRows.parse((await sales('/quality/rows?code=touch_without_campaign')).body)
  expect(rows).toMatchObject({ count: 1, next: null, rows: [{ type: 'touch', id: 'T2', money: '50.00' }] })
  expect((await sales('/quality/rows?code=nothing')).body.error.code).toBe('unknown_check')
})

test('benchmarks and own metrics are entered by those who may, and reports show the metrics', async () => {
  const { finance, sales } = await world()
  const body = { expression: '(revenue - cost) / won', label: 'Margin per deal' }
  expect((await sales('/metrics/margin', { method: 'PUT', json: body })).status).toBe(403)
  const saved = await finance('/metrics/margin', { method: 'PUT', json: body })
  expect(saved.body).toMatchObject({ name: 'margin', unit: 'money', version: 1, author: 'user:fin' })
  const wrong = await finance('/metrics/odd?locale=en', { method: 'PUT', json: { expression: 'cost + roi' } })
  expect(wrong.body.error).toMatchObject({
    code: 'metric_units',
    message: expect.stringContaining('money and percent'),
  })
  expect(Metrics.parse((await sales('/metrics')).body).custom).toHaveLength(1)
  const { rows, total } = (await sales('/report?by=channel')).body
  expect(total.custom.margin).toEqual({ label: 'Margin per deal', unit: 'money', value: '30.00' })
  // The total comes from sums: neither the sum nor the mean of what the rows say.
  expect(rows.map((row: typeof total) => [row.key, row.custom.margin.value])).toEqual([
    ['expo', '-40.00'],
    ['wechat', '100.00'],
  ])
  const benchmark = { metric: 'win_rate', low: 25, convention: 'percent', source: 'survey' }
  const put = await finance('/benchmarks/wins', { method: 'PUT', json: benchmark })
  expect(Benchmarks.parse(put.body).applied.find(({ metric }) => metric === 'win_rate')).toMatchObject({ low: 25 })
  const { convention: _, ...without } = benchmark
  const refused = await finance('/benchmarks/wins', { method: 'PUT', json: without })
  expect([refused.status, refused.body.error.code]).toEqual([400, 'convention_missing'])
  expect((await finance('/benchmarks/roi_ads', { method: 'DELETE', json: {} })).status).toBe(200)
  expect((await finance('/benchmarks/roi_ads?reset=true', { method: 'DELETE', json: {} })).status).toBe(200)
  expect((await finance('/metrics/margin', { method: 'DELETE', json: {} })).body).toEqual({ name: 'margin' })
  expect((await sales('/report?by=channel')).body.total.custom).toBeUndefined()
})

test('a month is closed by those who may, shown to all, and opened again with a reason', async () => {
  const { site, admin, finance, sales } = await world()
  expect((await sales('/closes', { method: 'POST', json: { period: '2026-01' } })).status).toBe(403)
  const preview = await finance('/closes', { method: 'POST', json: { period: '2026-01', dry_run: true } })
  expect(CloseResult.parse(preview.body).months[0]).toMatchObject({
    close: null,
    figures: { cost: '70.00', revenue: '100.00' },
  })
  const done = await finance('/closes', { method: 'POST', json: { period: '2026-01' } })
  expect(CloseResult.parse(done.body).months[0]!.close).toMatchObject({ author: 'user:fin', state: 'closed' })
  const workspace = (await site.state.findWorkspace('main'))!
  await importTexts(
    { env: site.env, workspace, folder: site.dataDir },
    { 'costs.csv': 'cost_id,date,amount,category,campaign_id\nF1,2026-01-02,55,event,K1\n' },
  )
  const { body } = await sales('/report?by=channel&from=2026-01-01&to=2026-02-01')
  expect([body.total.cost, body.closed]).toEqual(['70.00', ['2026-01']])
  const restatement = Restatement.parse((await sales('/closes/2026-01?locale=en')).body)
  expect(restatement.records).toMatchObject([
    { what: 'cost', change: 'amount', id: 'F1', before: '50.00', after: '55.00' },
  ])
  expect(Closes.parse((await sales('/closes')).body).closes).toHaveLength(1)
  expect((await finance('/closes/2026-01/reopen', { method: 'POST', json: {} })).status).toBe(400)
  expect((await sales('/closes/2026-01/reopen', { method: 'POST', json: { reason: 'x' } })).status).toBe(403)
  expect((await admin('/closes/2026-01/reopen', { method: 'POST', json: { reason: 'x' } })).body.state).toBe('reopened')
  expect((await sales('/closes/2026-01')).body.error.code).toBe('not_closed')
  expect((await sales('/report?by=channel&from=2026-01-01&to=2026-02-01')).body.total.cost).toBe('75.00')
})
