import { Flex, StatusTag } from '@hubspot/ui-extensions'
import type { Format } from './format.ts'
import type { Reconciliation } from './wire.ts'
import type { Words } from './words.ts'

interface Props {
  readonly asOf: string | null
  readonly reconciliation: Reconciliation | null
  /** Percent; left out where the view has none. */
  readonly coverage?: number | null
  readonly words: Words
  readonly format: Format
}

/** May the figures be believed: how old they are, and whether they add up to what HubSpot says was won. */
export function Trust({ asOf, reconciliation, coverage, words, format }: Props) {
  return (
    <Flex direction="row" gap="small" wrap>
      <StatusTag variant="default" hollow>
        {asOf === null ? words.noData : `${words.asOf} ${format.instant(asOf)}`}
      </StatusTag>
      {coverage !== undefined && coverage !== null && (
        <StatusTag variant="default" hollow>{`${words.coverage} ${format.percent(coverage)}`}</StatusTag>
      )}
      {reconciliation && (
        <StatusTag variant={reconciliation.ok ? 'success' : 'danger'}>
          {reconciliation.ok ? words.reconciled : words.mismatch}
        </StatusTag>
      )}
    </Flex>
  )
}
