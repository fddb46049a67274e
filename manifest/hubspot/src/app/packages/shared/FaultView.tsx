import { Button, EmptyState, ErrorState, Flex, LoadingSpinner, Text } from '@hubspot/ui-extensions'
import type { Fault } from './backend.ts'
import type { Words } from './words.ts'

interface Props {
  readonly fault: Fault
  readonly words: Words
  readonly retry: () => void
}

/** Every state without figures: not synchronized yet, being set up, no permission, error. Each says what to do next. */
export function FaultView({ fault, words, retry }: Props) {
  const said = words.faults[fault.kind]
  const own = words.causes[fault.code]
  const lines = [fault.message ?? own ?? said.text, fault.remedy ?? said.next]
  const body = (
    <Flex direction="column" gap="small">
      {lines.map((line) => line && <Text key={line}>{line}</Text>)}
      {fault.requestId && <Text variant="microcopy">{`${words.requestId}: ${fault.requestId}`}</Text>}
      {fault.kind !== 'forbidden' && (
        <Button onClick={retry} variant="secondary">
          {fault.kind === 'failed' ? words.retry : words.checkAgain}
        </Button>
      )}
    </Flex>
  )
  if (fault.kind === 'failed' || fault.kind === 'forbidden')
    return (
      <ErrorState title={said.title} type={fault.kind === 'forbidden' ? 'lock' : 'error'}>
        {body}
      </ErrorState>
    )
  return (
    <EmptyState title={said.title} imageName={fault.kind === 'pending' ? 'integrations' : 'emptyStateCharts'}>
      {body}
    </EmptyState>
  )
}

/** What stands there until the first answer. */
export function Loading({ words }: { readonly words: Words }) {
  return <LoadingSpinner label={words.loading} showLabel layout="centered" />
}
