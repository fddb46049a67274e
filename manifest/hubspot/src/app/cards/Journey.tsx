import { Flex, Heading, Tag, Text } from '@hubspot/ui-extensions'
import { type Column, type Format, PagedTable, type RecordView, type Words } from '@roi-panel/hubspot-shared'

type Step = RecordView['journey'][number]

interface Props {
  readonly view: RecordView
  readonly words: Words
  readonly format: Format
}

/** Touches and milestones, newest first. On a company and a deal several people are touched, so it says who. */
export function Journey({ view, words, format }: Props) {
  if (view.journey.length === 0) return null
  const said = words.record
  const type = view.record.type === 'contact' || view.record.type === 'account' ? view.record.type : 'deal'
  // A step names its channel by key; the credit has the names.
  const names = new Map<string | null, string>(view.credit.map(({ key, label }) => [key, label]))
  const columns: Column<Step>[] = [
    { key: 'when', title: said.when, cell: ({ at }) => format.instant(at) },
    { key: 'what', title: said.what, cell: (step) => <What step={step} words={words} /> },
    { key: 'channel', title: said.channel, cell: ({ channel }) => names.get(channel) ?? channel ?? '–' },
    { key: 'campaign', title: said.campaign, cell: ({ campaign }) => campaign?.name ?? '–' },
    ...(type === 'contact' ? [] : [person(said.person)]),
    { key: 'share', title: said.share, cell: ({ share }) => format.share(share), right: true },
    { key: 'credited', title: said.credited, cell: ({ amount }) => format.money(amount), right: true },
  ]
  return (
    <Flex direction="column" gap="small">
      <Heading>{said.journey[type]}</Heading>
      <PagedTable
        rows={view.journey.toReversed()}
        columns={columns}
        rowKey={({ at, kind }, index) => `${at} ${kind} ${index}`}
      />
      {view.journey_more > 0 && <Text variant="microcopy">{said.earlier(format.count(view.journey_more))}</Text>}
    </Flex>
  )
}

function person(title: string): Column<Step> {
  return { key: 'person', title, cell: (step) => step.person?.name ?? step.person?.id ?? '–' }
}

/** A milestone is told from a touch by a word, not by colour alone. */
function What({ step, words }: { readonly step: Step; readonly words: Words }) {
  if (step.kind === 'touch') return <Text>{step.label}</Text>
  return (
    <Flex direction="row" gap="extra-small" wrap>
      <Tag variant={step.kind === 'won' || step.kind === 'receipt' ? 'success' : 'default'}>
        {words.record.kinds[step.kind]}
      </Tag>
      <Text>{step.label}</Text>
    </Flex>
  )
}
