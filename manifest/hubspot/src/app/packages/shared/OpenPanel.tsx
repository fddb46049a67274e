import { Alert, Flex, LoadingButton } from '@hubspot/ui-extensions'
import { useState } from 'react'
import { ask, type Fault, fault } from './backend.ts'
import type { Locale } from './locale.ts'
import { wishId } from './uuid.ts'
import type { EmbedSession } from './wire.ts'
import type { Words } from './words.ts'

/** Opens a page over HubSpot's own; the host's action. */
export type OpenModal = (modal: { uri: string; width: number; height: number; title: string }) => void

interface Props {
  readonly backend: string | null
  /** The record to open at; the whole workspace without one. */
  readonly record?: { readonly object_type: string; readonly object_id: string }
  readonly locale: Locale
  readonly words: Words
  readonly open: OpenModal
}

/**
 * The way to the full panel: asks for a one-time address and opens it in HubSpot's modal. The address lives a minute at
 * most, so it is asked for at the click and never kept.
 */
export function OpenPanel({ backend, record, locale, words, open }: Props) {
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<Fault | null>(null)

  async function click() {
    if (busy) return
    setBusy(true)
    setFailed(null)
    const answer = await ask<EmbedSession>(backend, 'embed-session', { ...record, locale, request_id: wishId() })
    setBusy(false)
    if (!answer.ok) setFailed(answer.fault)
    else if (!answer.value.uri?.startsWith('https://')) setFailed(fault('bad_answer'))
    else open({ uri: answer.value.uri, width: 1200, height: 800, title: words.panel })
  }

  return (
    <Flex direction="column" gap="small">
      <LoadingButton onClick={click} loading={busy} variant="primary">
        {words.openPanel}
      </LoadingButton>
      {failed && (
        <Alert title={words.panelFailed} variant="warning">
          {[failed.message ?? words.causes[failed.code] ?? words.faults[failed.kind].text, failed.remedy]
            .concat(failed.requestId === null ? [] : `${words.requestId}: ${failed.requestId}`)
            .filter((line) => line)
            .join(' ')}
        </Alert>
      )}
    </Flex>
  )
}
