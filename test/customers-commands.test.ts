import { describe, expect, test } from 'vitest'
import { Cohorts, Customers } from '../src/api/customers.ts'
import { Delivery } from '../src/api/delivery.ts'
import { Funnel, LostLeads } from '../src/api/funnel.ts'
import { Influence } from '../src/api/influence.ts'
import { COMMANDS } from '../src/cli/commands.ts'
import { findCommand, parseOptions } from '../src/cli/parse.ts'
import type { Locale } from '../src/errors.ts'
import { runCommand } from './connections-kit.ts'
import { importTexts } from './import-kit.ts'
import { type Client, openSite, type Site } from './sign-in-kit.ts'

/** Two customers of two channels, one lead that nobody touched again; times are local to Shanghai. */
const FILES: Readonly<Record<string, string>> = {
  'campaigns.csv': 'campaign_id,name,channel\nK1,Expo,展会\nK2,Search,google_ads\n',
  'contacts.csv':
    'contact_id,name,created_at,mql_at,sql_at\nC1,One,2025-01-02,2025-01-04,2025-01-06\nC2,Two,2025-01-03,,\nC3,Three,2025-01-04,,\n',
  'touches.csv':
    'touch_id,contact_id,occurred_at,campaign_id\nT1,C1,2025-01-01,K1\nT2,C2,2025-01-02,K2\nT3,C3,2025-01-03,K2\n',
  'deals.csv': [
    'deal_id,contact_ids,amount,currency,created_at,closed_at,won,product_cost',
    'D1,C1,1000,CNY,2025-01-10,2025-01-20,yes,400',
    'D2,C2,500,CNY,2025-01-11,2025-01-31,yes,100',
    '',
  ].join('\n'),
  'payments.csv': 'payment_id,deal_id,amount,currency,paid_at\nP1,D1,1000,CNY,2025-01-25\n',
  'costs.csv':
    'cost_id,date,amount,currency,category,campaign_id,impressions,clicks\nX1,2025-01-05,300,CNY,event,K1,,\nX2,2025-01-05,100,CNY,ads,K2,5000,50\n',
}

/** A site with these files in its workspace. */
async function openFilled(): Promise<Site> {
  const site = await openSite()
  const main = await site.state.openWorkspace('main')
  await importTexts({ env: site.env, workspace: main, folder: site.dataDir }, FILES)
  return site
}

/** Runs a command line as it is typed, in this process. */
async function runLine(site: Site, line: readonly string[], locale: Locale = 'en') {
  const { command, rest } = findCommand(line, COMMANDS)
  const { values, positionals } = parseOptions(rest, command!.options)
  const { json, ...options } = values
  const given = { positionals: [...positionals], options: options as never, json: json === true, locale }
  return runCommand(command!.run, site.services, given)
}

describe('on the command line', () => {
  test('each answers in the shape of its schema', async () => {
    const site = await openFilled()
    const json = async (...line: readonly string[]) => {
      const { code, out, error } = await runLine(site, [...line, '--json'])
      expect([code, error], line.join(' ')).toEqual([0, undefined])
      return JSON.parse(out)
    }
    const period = ['--from', '2025-01-01', '--to', '2025-02-01']
    const funnel = Funnel.parse(await json('funnel', '--by', 'channel', ...period))
    expect(funnel.whole.steps.map(({ count }) => count)).toEqual([3, 2, 2, 2, 2, 1])
    expect(funnel.query).toMatchObject({ reading: 'cohort', by: 'channel' })
    const lost = LostLeads.parse(await json('funnel', '--lost', '--key', 'google_ads'))
    expect(lost.rows.map(({ contact_id, why }) => [contact_id, why])).toEqual([['C3', 'untouched']])
    const customers = Customers.parse(
      await json('customers', '--by', 'channel', ...period, '--basis', 'cash', '--compare', 'month'),
    )
    expect(customers.query).toMatchObject({ revenue_basis: 'cash', compare: 'month' })
    expect([customers.total.customers, customers.total.revenue]).toEqual([2, '1000.00'])
    const cohorts = Cohorts.parse(await json('cohorts', '--months', '2', '--key', '展会'))
    expect(cohorts.rows.map(({ cells }) => cells.map(({ revenue }) => revenue))).toEqual([['1000.00', '0.00']])
    const influence = Influence.parse(await json('influence'))
    expect(influence.sourced.rows.map(({ key }) => key)).toEqual(['K1', 'K2'])
    const delivery = Delivery.parse(await json('delivery'))
    expect(delivery.rows.find(({ key }) => key === 'google_ads')).toMatchObject({ ctr: 1, cpc: '2.00', cpm: '20.00' })
  })

  test('tables for people, in both languages', async () => {
    const site = await openFilled()
    const texts = async (...line: readonly string[]) => [
      (await runLine(site, line)).out,
      (await runLine(site, line, 'zh-CN')).out,
    ]
    const [en, zh] = await texts('funnel', '--by', 'channel')
    expect(en).toMatch(/Opportunities +2 +100.0 % +66.7 %/)
    expect(en).toContain('Largest drop: of 2 won deals 1 reached receipt (50.0%), 1 did not.')
    expect(en).toContain('Lead acceptance (M27): n/a (no feedback)')
    expect(zh).toContain('流失最大：2 个成交中有 1 个到达回款（50.0%），1 个没有。')
    const [customers, kehu] = await texts('customers', '--by', 'campaign')
    expect(customers).toMatch(/Expo +1 +300.00 +600.00/)
    expect(customers).toContain('LTV is margin')
    expect(kehu).toMatch(/全部客户 +2 /)
    const [cohorts] = await texts('cohorts', '--months', '1')
    expect(cohorts).toMatch(/2025-01 +2 +400.00 +0 +1,000.00/)
    const [influence, yingxiang] = await texts('influence')
    expect(influence).toContain('! Do not add up')
    expect(yingxiang).toContain('! 不可相加')
    const [lost] = await texts('funnel', '--lost')
    expect(lost).toMatch(/C3 +files? .*Three.*untouched/)
    const [delivery] = await texts('delivery')
    expect(delivery).toMatch(/google_ads|Google Ads/)
  })

  test('what is not understood is refused with what would be right', async () => {
    const site = await openFilled()
    const cases: [string[], string][] = [
      [['funnel', '--reading', 'sideways'], '--reading (one of cohort, period)'],
      [['funnel', '--by', 'month'], '--by (one of channel, campaign'],
      [['customers', '--compare', 'decade'], '--compare (one of period, week, month, quarter, year)'],
      [['cohorts', '--months', '0'], '--months (at least 1)'],
      [['customers', '--from', '2025-02-01', '--to', '2025-01-01'], '--to (must be after from)'],
      [['influence', 'all'], 'influence takes options only.'],
      [['cohorts', '--key', 'nowhere'], 'There is no channel "nowhere". Known: '],
    ]
    for (const [line, message] of cases) {
      const { code, out, error } = await runLine(site, line)
      expect([code, out], line.join(' ')).toEqual([2, ''])
      expect(error!.describe('en')).toContain(message)
    }
  })
})

describe('over HTTP', () => {
  const open = async (): Promise<Client> => {
    const site = await openFilled()
    await site.addUser('reader', 'sales')
    const client = site.client()
    await client.signIn('reader')
    return client
  }

  test('whoever may read gets them, in the shape of their schema', async () => {
    const client = await open()
    const get = async (path: string) => {
      const { status, body } = await client.ask(`/api/v1${path}`)
      expect(status, path).toBe(200)
      return body
    }
    expect(Funnel.parse(await get('/funnel?reading=period&from=2025-01-01&to=2025-02-01')).whole.steps[5]!.count).toBe(
      1,
    )
    expect(LostLeads.parse(await get('/funnel/lost?limit=1')).count).toBe(1)
    expect(Customers.parse(await get('/customers?by=campaign&model=first&revenue_basis=booked')).rows).toHaveLength(2)
    expect(Cohorts.parse(await get('/cohorts?months=3')).rows).toHaveLength(1)
    expect(Influence.parse(await get('/influence?by=channel')).influenced.rows).toHaveLength(2)
    expect(Delivery.parse(await get('/delivery?by=campaign')).total.clicks).toBe(50)
  })

  test('what is not understood is refused by name', async () => {
    const client = await open()
    for (const path of [
      '/funnel?reading=x',
      '/customers?compare=x',
      '/cohorts?months=x',
      '/influence?by=month',
      '/delivery?model=x',
    ]) {
      const { status, body } = await client.ask(`/api/v1${path}`)
      expect([status, body.error.code], path).toEqual([400, 'bad_request'])
    }
    const { status, body } = await client.ask('/api/v1/funnel/lost?key=nowhere')
    expect([status, body.error.code]).toEqual([404, 'unknown_group'])
  })
})
