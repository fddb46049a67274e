import { Flex, Heading, Text } from '@hubspot/ui-extensions'
import { type Column, type Format, PagedTable, type RecordView, type Words } from '@roi-panel/hubspot-shared'

type Deal = RecordView['deals'][number]

interface Props {
  readonly view: RecordView
  readonly words: Words
  readonly format: Format
}

/** The won deals behind a contact or company. A deal has none behind it. */
export function Deals({ view, words, format }: Props) {
  if (view.deals.length === 0) return null
  const said = words.record
  const columns: Column<Deal>[] = [
    { key: 'deal', title: said.deal, cell: ({ name, id }) => name ?? id },
    { key: 'closed', title: said.closed, cell: ({ closed_at }) => format.date(closed_at) },
    { key: 'amount', title: said.amount, cell: ({ amount }) => format.money(amount), right: true },
    { key: 'credited', title: said.credited, cell: ({ text }) => text, right: true },
  ]
  return (
    <Flex direction="column" gap="small">
      <Heading>{said.deals}</Heading>
      <PagedTable rows={view.deals} columns={columns} rowKey={({ id }) => id} />
      {view.deals_count > view.deals.length && (
        <Text variant="microcopy">
          {said.moreDeals(format.count(view.deals.length), format.count(view.deals_count))}
        </Text>
      )}
    </Flex>
  )
}
