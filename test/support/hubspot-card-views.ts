import type { ConnectionStatus, Kpi, ModelView, Panel, RecordView, Row } from '../../src/api.ts'

/** Answers of the backend as its own schemas have them. */
export type Kind = 'deal' | 'contact' | 'account'

const MONEY = { currency: 'CNY', zone: 'Asia/Shanghai' }

export function recordView(type: Kind, changes: Partial<RecordView> = {}): RecordView {
  return {
    version: 1,
    record: { type, id: '42', source: 'hubspot', name: 'Northwind renewal' },
    workspace: { key: 'main', title: 'Main' },
    ...MONEY,
    model: 'u_position',
    models: [
      { id: 'first', label: 'First touch' },
      { id: 'u_position', label: 'U-shaped' },
    ],
    as_of: '2026-11-18T04:04:00Z',
    sentence: `62% trade fair · 38% e-mail, of this ${type}`,
    state: 'ok',
    figures: [
      { key: 'amount', label: 'Amount', value: '500000.00', unit: 'money', text: '¥500,000' },
      { key: 'roi', label: 'ROI', value: null, unit: 'percent', text: 'n/a', reason: 'no_cost' },
    ],
    credit: [
      { key: 'fair', label: 'Trade fair', share: 0.62, amount: '310000.00', text: '¥310,000', touches: 3 },
      { key: 'email', label: 'E-mail', share: 0.38, amount: '190000.00', text: '¥190,000', touches: 9 },
    ],
    journey: [
      ...Array.from({ length: 11 }, (_, day): RecordView['journey'][number] => ({
        at: `2026-01-${String(day + 1).padStart(2, '0')}T02:00:00Z`,
        kind: 'touch',
        label: `Touch ${day + 1}`,
        channel: 'email',
        campaign: day === 0 ? { id: 'c1', name: 'Spring mailing' } : null,
        person: { id: 'p1', name: day === 0 ? null : 'Chen Wei' },
        share: day === 0 ? 0.4 : null,
        amount: day === 0 ? '200000.00' : null,
      })),
      {
        at: '2026-03-01T02:00:00Z',
        kind: 'won',
        label: 'Closed won',
        channel: null,
        campaign: null,
        person: null,
        share: null,
        amount: '500000.00',
      },
    ],
    journey_more: 4,
    deals:
      type === 'deal'
        ? []
        : [
            {
              id: '9',
              name: null,
              closed_at: '2026-03-01T02:00:00Z',
              amount: '500000.00',
              credited: '310000.00',
              text: '¥310,000',
            },
          ],
    deals_count: type === 'deal' ? 0 : 3,
    reconciliation: { attributed: '500000.00', unattributed: '0.00', crm: '500000.00', ok: true },
    ...changes,
  }
}

function row(key: string, changes: Partial<Row> = {}): Row {
  return {
    key,
    label: key,
    cost: '1000.00',
    leads: 10,
    mqls: 5,
    sqls: 4,
    opportunities: 3,
    won: 2,
    new_customers: 1,
    revenue: '5000.00',
    cpl: '100.00',
    cac: '1000.00',
    roi: 400,
    ratio: 5,
    uncosted: '0.00',
    layers: { first: '5000.00', repurchase: '0.00', referral: '0.00' },
    reasons: {},
    ...changes,
  }
}

function kpi(value: Kpi['value'], changes: Partial<Kpi> = {}): Kpi {
  return { value, previous: null, growth: null, points: null, series: [], benchmark: null, n: 2, ...changes }
}

function modelView(revenue: string): ModelView {
  return {
    rows: [
      row('organic', {
        revenue: '10.00',
        cost: '0.00',
        cpl: null,
        roi: null,
        reasons: { cpl: 'no_cost', roi: 'zero_cost' },
      }),
      row('fair', { revenue }),
    ],
    total: row('sum', { revenue, cost: '1000.00' }),
    unattributed: { leads: 1, mqls: 0, sqls: 0, opportunities: 0, won: 0, new_customers: 0, revenue: '0.00' },
    uncosted: { revenue: '0.00', count: 0, places: [] },
    kpis: {
      roi: kpi(1234.5, { points: -5.25 }),
      revenue: kpi(revenue, { growth: 12.34 }),
      cost: kpi('1000.00', { growth: 0 }),
      cac: kpi(null, { reason: 'no_deals' }),
    },
    trend: { revenue: [], roi: [], revenue_before: [], roi_before: [] },
    roas: null,
    cost_per: { mql: null, sql: null, opportunity: null },
    coverage: 87,
    cost_completeness: null,
    shares: {},
    reasons: {},
  }
}

export function panel(changes: Partial<Panel> = {}): Panel {
  return {
    version: 1,
    workspace: { key: 'main', title: 'Main' },
    generated_at: '2026-11-18T04:04:00Z',
    as_of: '2026-11-18T04:04:00Z',
    period: { from: null, to: null },
    ...MONEY,
    digits: 2,
    convention: 'net',
    date_basis: 'close',
    revenue_basis: 'booked',
    where: [],
    maturity: { cycle_days: null, immature: false, from: null },
    fx_missing: { costs: 0, deals: 0 },
    trend: { months: [], cost: [], cost_before: [], partial: false, immature_from: null },
    by: 'channel',
    model: 'u_position',
    models: [
      { id: 'first', available: true },
      { id: 'u_position', available: true },
      { id: 'markov_1', available: false, reason: 'not_enough_data', have: 3, need: 300 },
    ],
    views: { u_position: modelView('9007199254740993.25') } as Panel['views'],
    spread: [],
    threshold: { value: 1, convention: 'ratio' },
    reconciliation: { attributed: '1.00', unattributed: '0.00', crm: '1.00', ok: true },
    findings: [],
    empty: false,
    ...changes,
  }
}

/** The same with all of a model's revenue elsewhere, to tell models apart. */
export function panelOf(model: 'first' | 'u_position', revenue: string): Panel {
  return panel({ views: { [model]: modelView(revenue) } as Panel['views'] })
}

export function connection(changes: Partial<ConnectionStatus> = {}): ConnectionStatus {
  return {
    id: 'c1',
    connector: 'hubspot',
    account: '62515',
    title: 'Northwind HubSpot',
    state: 'active',
    running: true,
    every_minutes: 60,
    created_at: '2026-11-01T00:00:00Z',
    started_at: '2026-11-18T04:00:00Z',
    finished_at: '2026-11-18T04:04:00Z',
    complete_at: '2026-11-18T04:04:00Z',
    next_at: '2026-11-18T05:00:00Z',
    resume_at: null,
    rows: { contact: 1200, deal: 34 },
    quarantined: 2,
    progress: { stream: 'contacts', rows: 800, part: 0.5, rows_per_second: 10, eta: [60, 90] },
    quota: { left: 240_000, of: 250_000 },
    last: {
      connection: 'c1',
      connector: 'hubspot',
      title: 'Northwind HubSpot',
      state: 'incomplete',
      reason: {
        code: 'missing_scope',
        message: 'Campaigns were not read.',
        remedy: 'Approve the scope.',
        retry_at: null,
      },
      started_at: '2026-11-18T04:00:00Z',
      finished_at: '2026-11-18T04:04:00Z',
      requests: 40,
      limited: 0,
      streams: [
        {
          stream: 'deals',
          title: 'Deals',
          state: 'complete',
          mode: 'changes',
          read: 34,
          imported: 3,
          unchanged: 31,
          deleted: 0,
          merged: 0,
          rejected: 0,
          total: 34,
          reason: null,
          notices: [],
        },
        {
          stream: 'campaigns',
          title: 'Campaigns',
          state: 'off',
          mode: null,
          read: 0,
          imported: 0,
          unchanged: 0,
          deleted: 0,
          merged: 0,
          rejected: 0,
          total: null,
          reason: { code: 'missing_scope', message: 'The scope is missing.', remedy: 'Connect again.', retry_at: null },
          notices: [],
        },
      ],
      drift: [],
    },
    write_back: null,
    ...changes,
  }
}
