import { Text } from '@hubspot/ui-extensions'
import { type Column, type Format, PagedTable, type Portfolio, type Words } from '@roi-panel/hubspot-shared'

type View = NonNullable<Portfolio['views'][string]>
type Row = View['rows'][number]
/** A line without cost has no cost and nothing per cost. */
type Line = Omit<Row, 'cost'> & { readonly cost: string | null }

interface Props {
  readonly view: View
  readonly words: Words
  readonly format: Format
}

/** The channel table, in the fixed order of its columns; totals and what has no channel come last on every page. */
export function Channels({ view, words, format }: Props) {
  const said = words.portfolio
  const columns: Column<Line>[] = [
    { key: 'channel', title: said.columns.channel, cell: ({ label }) => label },
    { key: 'cost', title: said.columns.cost, cell: ({ cost }) => format.money(cost), right: true },
    { key: 'leads', title: said.columns.leads, cell: ({ leads }) => format.count(leads), right: true },
    {
      key: 'cpl',
      title: said.columns.cpl,
      cell: (line) => (line.cpl === null ? <Na reason={line.reasons.cpl} words={words} /> : format.money(line.cpl)),
      right: true,
    },
    { key: 'won', title: said.columns.won, cell: ({ won }) => format.count(won), right: true },
    { key: 'revenue', title: said.columns.revenue, cell: ({ revenue }) => format.money(revenue), right: true },
    {
      key: 'roi',
      title: said.columns.roi,
      cell: (line) => (line.roi === null ? <Na reason={line.reasons.roi} words={words} /> : format.percent(line.roi)),
      right: true,
    },
  ]
  const unattributed: Line = {
    ...view.unattributed,
    key: 'unattributed',
    label: said.unattributed,
    cost: null,
    cpl: null,
    roi: null,
    reasons: {},
  }
  return (
    <PagedTable
      rows={view.rows}
      sums={[{ ...view.total, key: 'total', label: said.total }, unattributed]}
      columns={columns}
      rowKey={({ key }, index) => `${key} ${index}`}
    />
  )
}

/** What cannot be computed says why; a line that never has the figure only shows a dash. */
function Na({ reason, words }: { readonly reason: string | undefined; readonly words: Words }) {
  if (reason === undefined) return <Text>–</Text>
  return <Text variant="microcopy">{`${words.na}: ${words.reasons[reason] ?? reason}`}</Text>
}
