import { Alert, EmptyState, Flex, Heading, LoadingSpinner, Select, Text } from '@hubspot/ui-extensions'
import { formatOf, type Locale, type RecordView, Trust, type Words } from '@roi-panel/hubspot-shared'
import { CreditChart } from './CreditChart.tsx'
import { Deals } from './Deals.tsx'
import { Figures } from './Figures.tsx'
import { Journey } from './Journey.tsx'

interface Props {
  readonly view: RecordView
  readonly model: string
  readonly onModel: (model: string) => void
  /** Another model is on its way; what is shown is still the last one. */
  readonly loading: boolean
  readonly locale: Locale
  readonly words: Words
}

/** One record: the sentence first, then figures, credit, journey, deals. A deal, a contact and a company differ in data. */
export function View({ view, model, onModel, loading, locale, words }: Props) {
  const format = formatOf(locale, view.zone, view.currency)
  const { reconciliation } = view
  return (
    <Flex direction="column" gap="medium">
      <Heading>{view.sentence}</Heading>
      <Trust asOf={view.as_of} reconciliation={reconciliation} words={words} format={format} />
      {reconciliation && !reconciliation.ok && (
        <Alert title={words.mismatch} variant="warning">
          {words.mismatchText(
            format.money(reconciliation.attributed),
            format.money(reconciliation.unattributed),
            format.money(reconciliation.crm),
          )}
        </Alert>
      )}
      {view.state === 'open' && (
        <Alert title={words.record.open} variant="info">
          {words.record.openText}
        </Alert>
      )}
      <Figures figures={view.figures} words={words} />
      {view.state === 'empty' ? (
        <EmptyState title={view.sentence} layout="vertical" imageName="emptyStateCharts">
          <Text>{words.record.emptyNext}</Text>
        </EmptyState>
      ) : (
        <>
          {view.models.length > 1 && (
            <Select
              label={words.model}
              name="model"
              value={model}
              options={view.models.map(({ id, label }) => ({ value: id, label }))}
              onChange={(chosen) => onModel(String(chosen))}
            />
          )}
          {loading && <LoadingSpinner label={words.loading} showLabel layout="inline" size="xs" />}
          <CreditChart credit={view.credit} words={words} format={format} />
          <Journey view={view} words={words} format={format} />
          <Deals view={view} words={words} format={format} />
        </>
      )}
    </Flex>
  )
}
