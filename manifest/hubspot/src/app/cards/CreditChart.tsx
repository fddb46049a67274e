import { Accordion, BarChart, Flex } from '@hubspot/ui-extensions'
import { type Column, type Format, PagedTable, type RecordView, type Words } from '@roi-panel/hubspot-shared'

type Credit = RecordView['credit'][number]

interface Props {
  readonly credit: readonly Credit[]
  readonly words: Words
  readonly format: Format
}

/**
 * Who earned the record, by channel, in the backend's order: largest first, unattributed last. The table says the same
 * to those who cannot read a chart.
 */
export function CreditChart({ credit, words, format }: Props) {
  if (credit.length === 0) return null
  const said = words.record
  const columns: Column<Credit>[] = [
    { key: 'channel', title: said.channel, cell: ({ label }) => label },
    { key: 'share', title: said.share, cell: ({ share }) => format.share(share), right: true },
    { key: 'credited', title: said.credited, cell: ({ text }) => text, right: true },
    { key: 'touches', title: said.touches, cell: ({ touches }) => format.count(touches), right: true },
  ]
  return (
    <Flex direction="column" gap="small">
      <BarChart
        // The chart merges rows of one name, so each name carries its share; a chart holds only text and numbers.
        data={credit.map(({ label, share }) => ({
          channel: `${label} ${format.share(share)}`,
          share: Math.round(share * 1000) / 10,
        }))}
        axes={{
          x: { field: 'channel', fieldType: 'category', label: said.channel },
          y: { field: 'share', fieldType: 'linear', label: `${said.share} (%)` },
        }}
        options={{ title: said.credit, showLegend: false, showTooltips: true, showDataLabels: true }}
      />
      <Accordion title={said.creditTable} size="small">
        <PagedTable rows={credit} columns={columns} rowKey={({ key }) => key} />
      </Accordion>
    </Flex>
  )
}
