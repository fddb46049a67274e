import { Statistics, StatisticsItem, StatisticsTrend, Text } from '@hubspot/ui-extensions'
import type { Format, Portfolio, Words } from '@roi-panel/hubspot-shared'

type Kpis = NonNullable<Portfolio['views'][string]>['kpis']
type Name = keyof Kpis

const ORDER: readonly Name[] = ['roi', 'revenue', 'cost', 'cac']

interface Props {
  readonly kpis: Kpis
  readonly words: Words
  readonly format: Format
}

/** Four figures. The change is told by arrow and sign, without red and green: they mean the opposite in China. */
export function Tiles({ kpis, words, format }: Props) {
  return (
    <Statistics>
      {ORDER.map((name) => (
        <StatisticsItem
          key={name}
          id={name}
          label={words.portfolio.kpis[name]}
          number={figureOf(name, kpis[name], words, format)}
        >
          <Change name={name} kpi={kpis[name]} words={words} format={format} />
        </StatisticsItem>
      ))}
    </Statistics>
  )
}

function figureOf(name: Name, { value }: Kpis[Name], words: Words, format: Format): string {
  if (value === null) return words.na
  return name === 'roi' ? format.percent(Number(value)) : format.money(String(value))
}

function Change(props: {
  readonly name: Name
  readonly kpi: Kpis[Name]
  readonly words: Words
  readonly format: Format
}) {
  const { name, kpi, words, format } = props
  if (kpi.value === null)
    return <Text variant="microcopy">{words.reasons[kpi.reason ?? ''] ?? kpi.reason ?? words.na}</Text>
  // A share of a share misleads, so ROI changes in points.
  const change = name === 'roi' ? kpi.points : kpi.growth
  if (change === null) return <Text variant="microcopy">{words.reasons.no_prior}</Text>
  const text = name === 'roi' ? words.portfolio.points(format.signed(change)) : `${format.signed(change)}%`
  if (change === 0) return <Text variant="microcopy">{text}</Text>
  return (
    <StatisticsTrend value={`${text} ${words.portfolio.against}`} direction={change > 0 ? 'increase' : 'decrease'} />
  )
}
