import {
  Accordion,
  Alert,
  BarChart,
  Button,
  EmptyState,
  ErrorState,
  Heading,
  LoadingButton,
  LoadingSpinner,
  Select,
  StatisticsItem,
  StatusTag,
  Table,
  TableCell,
  TableHeader,
  TableRow,
  Tag,
} from '@hubspot/ui-extensions'
import { createRenderer } from '@hubspot/ui-extensions/testing'
import { wordsOf } from '@roi-panel/hubspot-shared'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Card, type CardContext } from '../manifest/hubspot/src/app/cards/Card.tsx'
import type { RecordView } from '../manifest/hubspot/src/app/packages/shared/wire.ts'
import type { RecordView as ApiRecordView } from '../src/api.ts'
import { BACKEND, backend, ok, problem, type Reply, textOf } from './support/hubspot-card.ts'
import { type Kind, recordView } from './support/hubspot-card-views.ts'

afterEach(() => vi.unstubAllGlobals())

const TYPES = [
  ['0-3', 'deals', 'deal'],
  ['0-1', 'contacts', 'contact'],
  ['0-2', 'companies', 'account'],
] as const satisfies (readonly [string, string, Kind])[]
const LOCALES = [
  ['zh-CN', { language: 'zh-cn', locale: 'en-us' }],
  ['en', { language: 'en', locale: 'zh-cn' }],
] as const

/** The kit's types leave out the events of a table that may or may not have pages. */
function turnTo(table: { readonly props: object }, page: number): void {
  ;(table.props as { onPageChange: (page: number) => void }).onPageChange(page)
}

function mount(changes: Partial<CardContext> = {}) {
  const kit = createRenderer('crm.record.tab')
  const context: CardContext = {
    user: { language: 'en' },
    variables: { BACKEND_URL: `${BACKEND}/` },
    crm: { objectTypeId: '0-3', objectId: 42 },
    ...changes,
  }
  const draw = (now: CardContext) => kit.render(<Card context={now} openModal={kit.mocks.actions.openIframeModal} />)
  draw(context)
  return { ...kit, draw, context, said: () => textOf(kit.getRootNode()) }
}

describe.each(LOCALES)('in %s', (locale, user) => {
  const words = wordsOf(locale)

  it.each(TYPES)('%s shows sentence, figures, credit, journey of %s', async (objectTypeId, objectType, type) => {
    const sent = backend(ok(recordView(type)))
    const card = mount({ user, crm: { objectTypeId, objectId: 9876543210 } })
    expect(card.find(LoadingSpinner).props.label).toBe(words.loading)
    await card.waitFor(() => card.find(StatisticsItem))

    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatchObject({ path: 'record', options: { method: 'POST', timeout: 15_000 } })
    expect(sent[0]!.options.body).toEqual({ object_type: objectType, object_id: '9876543210', locale })

    const headings = card.findAll(Heading).map(textOf)
    expect(headings[0]).toBe(recordView(type).sentence)
    expect(headings).toContain(words.record.journey[type])
    expect(headings.includes(words.record.deals)).toBe(type !== 'deal')
    const figures = card.findAll(StatisticsItem)
    expect(figures.map(({ props }) => props.number)).toEqual(['¥500,000', 'n/a'])
    expect(textOf(figures[1]!)).toContain(words.reasons.no_cost)

    const chart = card.find(BarChart).props
    expect(chart.data).toEqual([
      { channel: 'Trade fair 62%', share: 62 },
      { channel: 'E-mail 38%', share: 38 },
    ])
    expect(card.find(Accordion).findAll(TableCell).map(textOf)).toContain('¥310,000')
    const tags = card.findAll(StatusTag).map(textOf)
    expect(tags[0]).toContain(words.asOf)
    expect(tags[1]).toBe(words.reconciled)

    const titles = card.findAll(TableHeader).map(textOf)
    expect(titles.includes(words.record.person)).toBe(type !== 'contact')
    expect(textOf(card.find(Tag))).toBe(words.record.kinds.won)
    expect(card.said()).toContain(words.record.earlier('4'))
  })

  it.each([
    ['unknown', problem(404, 'unknown_record'), EmptyState],
    ['pending', problem(409, 'not_connected'), EmptyState],
    ['pending', problem(503, 'pending'), EmptyState],
    ['forbidden', problem(403, 'no_access'), ErrorState],
    ['failed', problem(500, 'internal'), ErrorState],
    ['failed', problem(401, 'bad_signature'), ErrorState],
  ] as const)('state %s', async (kind, reply, component) => {
    backend(reply)
    const card = mount({ user })
    await card.waitFor(() => card.find(component))
    const state = card.find(component)
    expect(state.props.title).toBe(words.faults[kind].title)
    expect(textOf(state)).toContain('said ')
    expect(textOf(state)).toContain(words.faults[kind].next)
    expect(textOf(state)).toContain(`${words.requestId}: req-7`)
    expect(card.maybeFind(Button) === null).toBe(kind === 'forbidden')
    expect(card.maybeFind(BarChart)).toBeNull()
  })

  it.each([
    ['unreachable', null],
    ['bad_answer', { status: 200, body: '<html>' }],
    ['bad_answer', { status: 200, body: [] }],
  ] as const satisfies (readonly [string, Reply])[])('names %s where the backend said nothing', async (code, reply) => {
    backend(reply)
    const card = mount({ user })
    await card.waitFor(() => card.find(ErrorState))
    expect(textOf(card.find(ErrorState))).toContain(words.causes[code])
  })

  it('an answer of something in between is an error with no more than a title and a retry', async () => {
    backend({ status: 502, body: '<html>bad gateway</html>' })
    const card = mount({ user })
    await card.waitFor(() => card.find(ErrorState))
    expect(textOf(card.find(ErrorState))).toContain(words.faults.failed.text)
    expect(card.said()).not.toContain('html')
  })

  it('a deal that is not won says when credit comes, a record without touches where touches come from', async () => {
    backend(ok(recordView('deal', { state: 'open', credit: [], reconciliation: null })))
    const open = mount({ user })
    await open.waitFor(() => open.find(Alert, { title: words.record.open }))
    expect(open.maybeFind(BarChart)).toBeNull()
    expect(open.find(Table)).toBeTruthy()

    backend(ok(recordView('contact', { state: 'empty', credit: [], journey: [], figures: [] })))
    const empty = mount({ user })
    await empty.waitFor(() => empty.find(EmptyState))
    expect(empty.said()).toContain(words.record.emptyNext)
    expect(textOf(empty.find(LoadingButton))).toBe(words.openPanel)
  })

  it('says so when the figures do not reconcile', async () => {
    const reconciliation = { attributed: '1.00', unattributed: '2.00', crm: '9.50', ok: false }
    backend(ok(recordView('deal', { reconciliation, as_of: null })))
    const card = mount({ user })
    await card.waitFor(() => card.find(Alert, { title: words.mismatch }))
    expect(textOf(card.find(Alert))).toContain('9.50')
    expect(card.findAll(StatusTag).map(textOf)).toEqual([words.noData, words.mismatch])
  })
})

describe('the card', () => {
  it('asks again under another model and keeps the figures meanwhile', async () => {
    const sent = backend(
      ok(recordView('deal')),
      ok(recordView('deal', { model: 'first', sentence: 'All to the fair' })),
    )
    const card = mount()
    await card.waitFor(() => card.find(Select))
    expect(card.find(Select).props.value).toBe('u_position')
    card.find(Select).trigger('onChange', 'first' as never)
    await card.waitFor(() => card.find(LoadingSpinner))
    expect(textOf(card.find(Heading))).toBe(recordView('deal').sentence)
    await card.waitFor(() => expect(textOf(card.find(Heading))).toBe('All to the fair'))
    expect(sent[1]!.options.body).toEqual({ object_type: 'deals', object_id: '42', locale: 'en', model: 'first' })
    expect(card.find(Select).props.value).toBe('first')
    expect(card.maybeFind(LoadingSpinner)).toBeNull()
  })

  it('retries', async () => {
    const sent = backend(null, problem(500, 'internal'), ok(recordView('deal')))
    const card = mount()
    await card.waitFor(() => card.find(ErrorState))
    card.find(Button).trigger('onClick')
    await card.waitFor(() => expect(textOf(card.find(ErrorState))).toContain('req-7'))
    card.find(Button).trigger('onClick')
    await card.waitFor(() => card.find(BarChart))
    expect(sent.map(({ options }) => options.body)).toEqual(Array(3).fill(sent[0]!.options.body))
  })

  it('lists the journey newest first, ten a page', async () => {
    backend(ok(recordView('deal')))
    const card = mount()
    await card.waitFor(() => card.find(Select))
    const journey = () => card.find(Table, { paginated: true })
    const lines = () => journey().findAll(TableRow).slice(1).map(textOf)
    expect(journey().props).toMatchObject({ page: 1, pageCount: 2 })
    expect(lines()).toHaveLength(10)
    expect(lines()[0]).toContain('Closed won')
    turnTo(journey(), 2)
    await card.waitFor(() => expect(lines()).toHaveLength(2))
    expect(lines()[1]).toContain('Spring mailing')
    expect(lines()[1]).toContain('40%')
    // The journey names a channel by its key; the credit has its name.
    expect(lines()[1]).toContain('E-mail')
    // No name is known: the id stands in.
    expect(lines()[1]).toContain('p1')
  })

  it('opens the full panel by a one-time address, asked for at the click, under an id of the wish', async () => {
    const uri = `${BACKEND}/embed#t=once`
    const sent = backend(ok(recordView('deal')), ok({ uri, expires_at: '2026-11-18T04:05:00Z' }))
    const card = mount()
    await card.waitFor(() => card.find(LoadingButton))
    card.find(LoadingButton).trigger('onClick')
    card.find(LoadingButton).trigger('onClick')
    await card.waitFor(() => expect(card.mocks.actions.openIframeModal.callCount).toBe(1))
    expect(card.mocks.actions.openIframeModal.calls[0]![0]).toEqual({
      uri,
      width: 1200,
      height: 800,
      title: wordsOf('en').panel,
    })
    expect(sent.filter(({ path }) => path === 'embed-session')).toHaveLength(1)
    expect(sent[1]!.options.body).toEqual({
      object_type: 'deals',
      object_id: '42',
      locale: 'en',
      request_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    })
    // The next click is another wish.
    await card.waitFor(() => expect(card.find(LoadingButton).props.loading).toBe(false))
    card.find(LoadingButton).trigger('onClick')
    await card.waitFor(() => expect(sent).toHaveLength(3))
    expect(sent[2]!.options.body.request_id).not.toBe(sent[1]!.options.body.request_id)
  })

  it.each([
    [problem(403, 'no_access', 'Not yours.', 'Ask.'), 'Not yours. Ask. Request id: req-7'],
    [null, wordsOf('en').causes.unreachable!],
    [ok({ uri: 'javascript:alert(1)' }), wordsOf('en').causes.bad_answer!],
    [ok({}), wordsOf('en').causes.bad_answer!],
  ])('says why the full panel does not open (%#)', async (reply, why) => {
    backend(ok(recordView('deal')), reply)
    const card = mount()
    await card.waitFor(() => card.find(LoadingButton))
    card.find(LoadingButton).trigger('onClick')
    await card.waitFor(() => card.find(Alert, { title: wordsOf('en').panelFailed }))
    expect(textOf(card.find(Alert))).toBe(why)
    expect(card.mocks.actions.openIframeModal.callCount).toBe(0)
    expect(card.find(BarChart)).toBeTruthy()
  })

  it('makes an id of a wish without crypto', async () => {
    const sent = backend(ok(recordView('deal')), null)
    vi.stubGlobal('crypto', undefined)
    const card = mount()
    await card.waitFor(() => card.find(LoadingButton))
    card.find(LoadingButton).trigger('onClick')
    await card.waitFor(() => card.find(Alert, { variant: 'warning' }))
    expect(sent[1]!.options.body.request_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it.each([{}, { BACKEND_URL: 'http://roi.example.com' }])(
    'asks nobody without an https address: %j',
    async (variables) => {
      const sent = backend(ok(recordView('deal')))
      const card = mount({ variables })
      await card.waitFor(() => card.find(ErrorState))
      expect(card.said()).toContain('BACKEND_URL')
      expect(sent).toEqual([])
    },
  )

  it('has no view of another kind of record', () => {
    const sent = backend(ok(recordView('deal')))
    const card = mount({ crm: { objectTypeId: '0-5', objectId: 1 } })
    expect(textOf(card.find(ErrorState))).toContain(wordsOf('en').causes.unsupported_object)
    expect(sent).toEqual([])
  })
})

/** The backend's schema and what the card reads must not drift apart: this line is checked by the compiler. */
const readable: (view: ApiRecordView) => RecordView = (view) => view
it('reads what the backend sends', () => expect(readable(recordView('deal')).record.id).toBe('42'))
