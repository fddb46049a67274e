import {
  Alert,
  BarChart,
  Button,
  DescriptionListItem,
  EmptyState,
  ErrorState,
  Link,
  LoadingButton,
  LoadingSpinner,
  Select,
  StatisticsItem,
  StatisticsTrend,
  StatusTag,
  TableRow,
} from '@hubspot/ui-extensions'
import { PageTitle } from '@hubspot/ui-extensions/pages'
import { createRenderer } from '@hubspot/ui-extensions/testing'
import { wordsOf } from '@roi-panel/hubspot-shared'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type * as wire from '../manifest/hubspot/src/app/packages/shared/wire.ts'
import { PortfolioPage } from '../manifest/hubspot/src/app/pages/PortfolioPage.tsx'
import { PortfolioView } from '../manifest/hubspot/src/app/pages/PortfolioView.tsx'
import { Settings } from '../manifest/hubspot/src/app/settings/Settings.tsx'
import type { ConnectionStatus, Panel } from '../src/api.ts'
import { notAUser } from '../src/server/hosts/problems.ts'
import { BACKEND, backend, ok, problem, textOf } from './support/hubspot-card.ts'
import { connection, panel, panelOf } from './support/hubspot-card-views.ts'

afterEach(() => vi.unstubAllGlobals())

const LOCALES = [
  ['zh-CN', 'zh-cn'],
  ['en', 'de'],
] as const
const CONSOLE = 'https://roi.example.com/connections'

function page(language = 'en') {
  const kit = createRenderer('pages')
  const context = { user: { language }, variables: { BACKEND_URL: BACKEND } }
  kit.render(<PortfolioView context={context} openModal={kit.mocks.actions.openIframeModal} />)
  return { ...kit, said: () => textOf(kit.getRootNode()) }
}

function settings(language = 'en') {
  const kit = createRenderer('settings')
  const context = {
    user: { language },
    portal: { timezone: 'Asia/Shanghai' },
    variables: { BACKEND_URL: BACKEND },
  }
  kit.render(<Settings context={context} />)
  return { ...kit, said: () => textOf(kit.getRootNode()) }
}

describe.each(LOCALES)('the app page in %s', (locale, language) => {
  const words = wordsOf(locale)

  it('shows tiles, channels, chart and the way to the full panel', async () => {
    const sent = backend(ok(panel()), ok({ uri: `${BACKEND}/embed#t=x`, expires_at: '' }))
    const view = page(language)
    expect(view.find(LoadingSpinner).props.label).toBe(words.loading)
    await view.waitFor(() => view.find(BarChart))
    expect(sent[0]).toMatchObject({ path: 'portfolio', options: { body: { locale } } })

    const tiles = view.findAll(StatisticsItem)
    expect(tiles.map(({ props }) => props.label)).toEqual(Object.values(words.portfolio.kpis))
    expect(tiles[0]!.props.number).toBe('1,235%')
    // Exact beyond what a number can hold.
    expect(tiles[1]!.props.number).toContain('9,007,199,254,740,993.25')
    expect(tiles[3]!.props.number).toBe(words.na)
    expect(textOf(tiles[3]!)).toBe(words.reasons.no_deals)
    const trends = view.findAll(StatisticsTrend).map(({ props }) => [props.direction, props.color])
    expect(trends).toEqual([
      ['decrease', undefined],
      ['increase', undefined],
    ])

    const lines = view.findAll(TableRow).map(textOf)
    expect(lines[0]).toBe(Object.values(words.portfolio.columns).join(' '))
    expect(lines[1]).toContain(`${words.na}: ${words.reasons.zero_cost}`)
    expect(lines[3]).toContain(words.portfolio.total)
    expect(lines[4]).toContain(words.portfolio.unattributed)
    const bars = view.find(BarChart).props.data as { channel: string; revenue: number }[]
    expect(bars.map(({ revenue }) => revenue)).toEqual([Number('9007199254740993.25'), 10])
    expect(view.findAll(StatusTag).map(textOf)[1]).toBe(`${words.coverage} 87%`)
    const models = view.find(Select).props.options.map(({ label }) => label)
    expect(models).toEqual([words.models.first, words.models.u_position])

    view.find(LoadingButton).trigger('onClick')
    await view.waitFor(() => expect(view.mocks.actions.openIframeModal.callCount).toBe(1))
    expect(Object.keys(sent.at(-1)!.options.body)).toEqual(['locale', 'request_id'])
  })

  it('teaches while there is no data, warns when it does not reconcile, and tells errors', async () => {
    backend(ok(panel({ empty: true })))
    const empty = page(language)
    await empty.waitFor(() => empty.find(EmptyState, { title: words.portfolio.emptyTitle }))
    expect(empty.find(LoadingButton)).toBeTruthy()

    backend(ok(panel({ reconciliation: { attributed: '1', unattributed: '0', crm: '2', ok: false } })))
    const wrong = page(language)
    await wrong.waitFor(() => wrong.find(Alert, { title: words.mismatch }))

    backend(problem(403, 'no_access'))
    const refused = page(language)
    await refused.waitFor(() => refused.find(ErrorState, { type: 'lock', title: words.faults.forbidden.title }))
  })

  it('tells who is no user of the service what an administrator does about it, as the service words it', async () => {
    const { text, remedy } = notAUser('chen@example.com', 'main', 'con_1')
    backend(problem(403, 'no_access', text[locale], remedy![locale]))
    const refused = page(language)
    await refused.waitFor(() => refused.find(ErrorState, { type: 'lock', title: words.faults.forbidden.title }))
    const said = textOf(refused.find(ErrorState))
    expect(said).toContain(text[locale])
    expect(said).toContain('roi-panel users add chen@example.com --workspaces main')
    expect(said).toContain('roi-panel connections set con_1 page_people=everyone --workspace main')
    // Only what the service says: no other advice beside it, and no button to the panel it would refuse as well.
    expect(said).not.toContain(words.faults.forbidden.next)
    expect(refused.maybeFind(LoadingButton)).toBeNull()
  })
})

describe('the app page', () => {
  it('asks about a model that the answer does not hold', async () => {
    const sent = backend(ok(panelOf('u_position', '700.00')), ok(panelOf('first', '900.00')))
    const view = page()
    await view.waitFor(() => view.find(Select))
    view.find(Select).trigger('onChange', 'first' as never)
    await view.waitFor(() => expect(view.findAll(StatisticsItem)[1]!.props.number).toContain('900.00'))
    expect(sent[1]!.options.body).toEqual({ locale: 'en', model: 'first' })
  })

  it('has a title in the language of the person', async () => {
    backend(ok(panel()))
    const kit = createRenderer('pages')
    const context = { ...kit.mocks.context, user: { ...kit.mocks.context.user, language: 'zh-cn' } }
    kit.mocks.useExtensionContext.willCall(() => context as never)
    kit.mocks.useExtensionActions.willCall(() => kit.mocks.actions as never)
    kit.render(<PortfolioPage />)
    expect(textOf(kit.find(PageTitle))).toBe(wordsOf('zh-CN').portfolio.title)
  })
})

describe.each(LOCALES)('the settings page in %s', (locale, language) => {
  const words = wordsOf(locale).settings

  it('shows state, health and what the last run read', async () => {
    const sent = backend(ok({ status: connection(), console: CONSOLE }))
    const view = settings(language)
    await view.waitFor(() => view.find(DescriptionListItem))
    expect(sent[0]).toMatchObject({ path: 'connection', options: { body: { locale } } })
    const tags = view.findAll(StatusTag).map(textOf)
    expect(tags).toEqual([words.states.active, words.running, words.streamStates.complete, words.streamStates.off])
    expect(view.said()).toContain(words.progress('contacts', '800'))
    expect(view.find(Alert).props.title).toBe('Campaigns were not read.')
    const facts = view.findAll(DescriptionListItem).map((item) => `${item.props.label}: ${textOf(item)}`)
    expect(facts).toContain(`${words.quota}: ${words.left('240,000', '250,000')}`)
    expect(facts).toContain(`${words.rows}: 1,234`)
    expect(view.findAll(TableRow).map(textOf)[2]).toContain('The scope is missing. Connect again.')
    expect(view.find(Link).props.href).toEqual({ url: CONSOLE, external: true })
    view.find(Button).trigger('onClick')
    await view.waitFor(() => expect(sent).toHaveLength(2))
  })

  it('says what to do while the account is not connected, and before the first run', async () => {
    backend(ok({ status: null, console: CONSOLE }))
    const none = settings(language)
    await none.waitFor(() => none.find(EmptyState, { title: words.notConnected }))
    expect(textOf(none.find(Link))).toBe(words.console)

    const first = connection({ state: 'pending', complete_at: null, progress: null, quota: null, last: null })
    backend(ok({ status: first, console: 'javascript:alert(1)' }))
    const fresh = settings(language)
    await fresh.waitFor(() => fresh.find(DescriptionListItem))
    expect(fresh.said()).toContain(words.noRun)
    expect(fresh.said()).toContain(words.never)
    expect(fresh.maybeFind(Link)).toBeNull()
  })

  it('says why results are not written back, and what to do', async () => {
    const reason = { code: 'missing_scope', message: 'A scope is missing.', remedy: 'Grant it.', retry_at: null }
    const write_back = {
      state: 'failed',
      finished_at: null,
      next_at: null,
      records: 0,
      written: 0,
      refused: 0,
      reason,
    } as const
    backend(ok({ status: connection({ write_back }), console: CONSOLE }))
    const view = settings(language)
    await view.waitFor(() => view.find(Alert, { title: 'A scope is missing.' }))
    expect(textOf(view.find(Alert, { title: 'A scope is missing.' }))).toBe('Grant it.')
    backend(
      ok({ status: connection({ write_back: { ...write_back, state: 'done', reason: null } }), console: CONSOLE }),
    )
    const done = settings(language)
    await done.waitFor(() => done.find(StatusTag))
    expect(done.maybeFind(Alert, { title: 'A scope is missing.' })).toBeNull()
  })

  it.each(['pending', 'active', 'paused', 'reconnect', 'failed', 'incomplete'] as const)(
    'names state %s',
    async (state) => {
      backend(ok({ status: connection({ state, resume_at: '2026-11-18T06:00:00Z' }), console: CONSOLE }))
      const view = settings(language)
      await view.waitFor(() => view.find(StatusTag))
      expect(textOf(view.find(StatusTag))).toBe(words.states[state])
      expect(view.said()).not.toContain('undefined')
      expect(view.find(DescriptionListItem, { label: words.resume })).toBeTruthy()
    },
  )

  it('retries after an error', async () => {
    backend(problem(500, 'internal'), ok({ status: null, console: CONSOLE }))
    const view = settings(language)
    await view.waitFor(() => view.find(ErrorState))
    view.find(Button).trigger('onClick')
    await view.waitFor(() => view.find(EmptyState))
  })
})

/** What the pages read of the backend's schemas; checked by the compiler. */
const portfolio: (view: Panel) => wire.Portfolio = (view) => view
const status: (view: ConnectionStatus) => wire.ConnectionStatus = (view) => view
it('reads what the backend sends', () => {
  expect(portfolio(panel()).empty).toBe(false)
  expect(status(connection()).state).toBe('active')
})
