import { Statistics, StatisticsItem, Text } from '@hubspot/ui-extensions'
import type { RecordView, Words } from '@roi-panel/hubspot-shared'

interface Props {
  readonly figures: RecordView['figures']
  readonly words: Words
}

/** The figures as the backend wrote them; beside n/a stands why. */
export function Figures({ figures, words }: Props) {
  if (figures.length === 0) return null
  return (
    <Statistics>
      {figures.map(({ key, label, text, reason }) => (
        <StatisticsItem key={key} id={key} label={label} number={text}>
          {reason !== undefined && <Text variant="microcopy">{words.reasons[reason] ?? reason}</Text>}
        </StatisticsItem>
      ))}
    </Statistics>
  )
}
