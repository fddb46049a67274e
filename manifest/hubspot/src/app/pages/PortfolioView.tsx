import { Alert, EmptyState, Flex, LoadingSpinner, Select, Text } from '@hubspot/ui-extensions'
import {
  backendOf,
  FaultView,
  formatOf,
  Loading,
  localeOf,
  OpenPanel,
  type Portfolio,
  Trust,
  useAnswer,
  wordsOf,
} from '@roi-panel/hubspot-shared'
import { type ComponentProps, useState } from 'react'
import { Channels } from './Channels.tsx'
import { RevenueChart } from './RevenueChart.tsx'
import { Tiles } from './Tiles.tsx'

/** What the page needs of HubSpot's context. */
export interface PageContext {
  readonly user: { readonly language?: string; readonly locale?: string }
  readonly variables?: Readonly<Record<string, unknown>>
}

interface Props {
  readonly context: PageContext
  readonly openModal: ComponentProps<typeof OpenPanel>['open']
}

/** The whole workspace: four tiles, the channel table, revenue by channel, the way to the full panel. */
export function PortfolioView({ context, openModal }: Props) {
  const locale = localeOf(context.user)
  const words = wordsOf(locale)
  const backend = backendOf(context.variables)
  const [model, setModel] = useState<string | null>(null)
  const asked = useAnswer<Portfolio>(
    backend,
    'portfolio',
    { locale, ...(model === null ? {} : { model }) },
    'portfolio',
  )

  if (asked.fault) return <FaultView fault={asked.fault} words={words} retry={asked.retry} />
  if (!asked.value) return <Loading words={words} />
  const portfolio = asked.value
  const format = formatOf(locale, portfolio.zone, portfolio.currency, portfolio.digits)
  // An answer holds all models, or the one asked about where all would be too large.
  const view = portfolio.views[model ?? portfolio.model] ?? portfolio.views[portfolio.model]
  const panel = <OpenPanel backend={backend} locale={locale} words={words} open={openModal} />
  if (portfolio.empty || !view)
    return (
      <EmptyState title={words.portfolio.emptyTitle} imageName="addOnReporting">
        <Text>{words.portfolio.emptyText}</Text>
        {panel}
      </EmptyState>
    )
  const { reconciliation } = portfolio
  return (
    <Flex direction="column" gap="medium">
      <Trust
        asOf={portfolio.as_of}
        reconciliation={reconciliation}
        coverage={view.coverage}
        words={words}
        format={format}
      />
      {!reconciliation.ok && (
        <Alert title={words.mismatch} variant="warning">
          {words.mismatchText(
            format.money(reconciliation.attributed),
            format.money(reconciliation.unattributed),
            format.money(reconciliation.crm),
          )}
        </Alert>
      )}
      <Tiles kpis={view.kpis} words={words} format={format} />
      <Select
        label={words.model}
        name="model"
        value={model ?? portfolio.model}
        options={portfolio.models
          .filter(({ available }) => available)
          .map(({ id }) => ({ value: id, label: words.models[id] ?? id }))}
        onChange={(chosen) => setModel(String(chosen))}
      />
      {asked.loading && <LoadingSpinner label={words.loading} showLabel layout="inline" size="xs" />}
      <Channels view={view} words={words} format={format} />
      <RevenueChart rows={view.rows} words={words} format={format} />
      {panel}
    </Flex>
  )
}
