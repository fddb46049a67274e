import { Flex, Heading, StatusTag, Text } from '@hubspot/ui-extensions'
import { type Column, type Connection, type Format, PagedTable, type Words } from '@roi-panel/hubspot-shared'

type Status = NonNullable<Connection['status']>
type Stream = NonNullable<Status['last']>['streams'][number]

const VARIANTS = {
  complete: 'success',
  off: 'default',
  not_run: 'default',
  paused: 'warning',
  incomplete: 'warning',
  reconnect: 'danger',
  failed: 'danger',
} as const satisfies Record<Stream['state'], string>

interface Props {
  readonly status: Status
  readonly words: Words
  readonly format: Format
}

/** What the last run made of each kind of data; one that could not be read says why and what to do. */
export function Streams({ status, words, format }: Props) {
  const said = words.settings
  if (!status.last) return <Text>{said.noRun}</Text>
  const columns: Column<Stream>[] = [
    { key: 'stream', title: said.stream, cell: ({ title }) => title },
    {
      key: 'state',
      title: said.state,
      cell: ({ state }) => <StatusTag variant={VARIANTS[state]}>{said.streamStates[state]}</StatusTag>,
    },
    { key: 'read', title: said.read, cell: ({ read }) => format.count(read), right: true },
    { key: 'imported', title: said.imported, cell: ({ imported }) => format.count(imported), right: true },
    {
      key: 'reason',
      title: said.reason,
      cell: ({ reason }) => (reason === null ? '–' : [reason.message, reason.remedy].filter(Boolean).join(' ')),
    },
  ]
  return (
    <Flex direction="column" gap="small">
      <Heading>{said.streams}</Heading>
      <PagedTable rows={status.last.streams} columns={columns} rowKey={({ stream }) => stream} />
    </Flex>
  )
}
