import { BarChart } from '@hubspot/ui-extensions'
import type { Format, Portfolio, Words } from '@roi-panel/hubspot-shared'

/** More bars than this cannot be read; the table has them all. */
const BARS = 12

interface Props {
  readonly rows: NonNullable<Portfolio['views'][string]>['rows']
  readonly words: Words
  readonly format: Format
}

/** Revenue by channel, largest first: HubSpot draws rows in the order it gets them. */
export function RevenueChart({ rows, words, format }: Props) {
  const bars = rows
    .map(({ label, revenue }) => ({ label, revenue: Number(revenue), text: format.money(revenue) }))
    .filter(({ revenue }) => revenue !== 0)
    .sort((one, other) => other.revenue - one.revenue)
    .slice(0, BARS)
  if (bars.length === 0) return null
  return (
    <BarChart
      data={bars.map(({ label, revenue, text }) => ({ channel: `${label} ${text}`, revenue }))}
      axes={{
        x: { field: 'channel', fieldType: 'category', label: words.portfolio.columns.channel },
        y: { field: 'revenue', fieldType: 'linear', label: words.portfolio.columns.revenue },
      }}
      options={{ title: words.portfolio.chart, showLegend: false, showTooltips: true }}
    />
  )
}
