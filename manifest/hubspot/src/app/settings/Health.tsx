import { Alert, DescriptionList, DescriptionListItem, Flex, StatusTag, Text } from '@hubspot/ui-extensions'
import type { Connection, Format, Words } from '@roi-panel/hubspot-shared'

type Status = NonNullable<Connection['status']>

/** How bad a state is. The words beside it say it too. */
const VARIANTS = {
  pending: 'info',
  active: 'success',
  paused: 'warning',
  incomplete: 'warning',
  reconnect: 'danger',
  failed: 'danger',
} as const satisfies Record<Status['state'], string>

interface Props {
  readonly status: Status
  readonly words: Words
  readonly format: Format
}

/** The state of the connection in one word, why, and the figures of its health. */
export function Health({ status, words, format }: Props) {
  const said = words.settings
  const why = status.last?.reason
  const unwritten = status.write_back?.reason
  const rows = Object.values(status.rows).reduce((sum, count) => sum + count, 0)
  return (
    <Flex direction="column" gap="small">
      <Flex direction="row" gap="small" wrap>
        <StatusTag variant={VARIANTS[status.state]}>{said.states[status.state]}</StatusTag>
        {status.running && <StatusTag variant="info">{said.running}</StatusTag>}
      </Flex>
      {status.progress && (
        <Text variant="microcopy">{said.progress(status.progress.stream, format.count(status.progress.rows))}</Text>
      )}
      {why && (
        <Alert title={why.message} variant={VARIANTS[status.state] === 'danger' ? 'danger' : 'warning'}>
          {why.remedy ?? ''}
        </Alert>
      )}
      {unwritten && (
        <Alert title={unwritten.message} variant="warning">
          {unwritten.remedy ?? ''}
        </Alert>
      )}
      <DescriptionList direction="row">
        <DescriptionListItem label={said.account}>
          <Text>{`${status.title} (${status.account})`}</Text>
        </DescriptionListItem>
        <DescriptionListItem label={said.lastSuccess}>
          <Text>{status.complete_at === null ? said.never : format.instant(status.complete_at)}</Text>
        </DescriptionListItem>
        <DescriptionListItem label={status.resume_at === null ? said.next : said.resume}>
          <Text>{format.instant(status.resume_at ?? status.next_at)}</Text>
        </DescriptionListItem>
        {status.quota && (
          <DescriptionListItem label={said.quota}>
            <Text>{said.left(format.count(status.quota.left), format.count(status.quota.of))}</Text>
          </DescriptionListItem>
        )}
        <DescriptionListItem label={said.rows}>
          <Text>{format.count(rows)}</Text>
        </DescriptionListItem>
        <DescriptionListItem label={said.quarantined}>
          <Text>{format.count(status.quarantined)}</Text>
        </DescriptionListItem>
      </DescriptionList>
    </Flex>
  )
}
