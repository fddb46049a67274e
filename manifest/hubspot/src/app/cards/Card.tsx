import { Flex } from '@hubspot/ui-extensions'
import {
  backendOf,
  FaultView,
  fault,
  Loading,
  type Locale,
  localeOf,
  OpenPanel,
  type RecordView,
  useAnswer,
  type Words,
  wordsOf,
} from '@roi-panel/hubspot-shared'
import { type ComponentProps, useState } from 'react'
import { type RecordKey, recordOf } from './record.ts'
import { View } from './View.tsx'

type OpenModal = ComponentProps<typeof OpenPanel>['open']

/** What the card needs of HubSpot's context. */
export interface CardContext {
  readonly user: { readonly language?: string; readonly locale?: string }
  readonly variables?: Readonly<Record<string, unknown>>
  readonly crm: { readonly objectTypeId: string; readonly objectId: number | string }
}

interface Props {
  readonly context: CardContext
  readonly openModal: OpenModal
}

/** The card of a deal, company or contact. */
export function Card({ context, openModal }: Props) {
  const locale = localeOf(context.user)
  const words = wordsOf(locale)
  const record = recordOf(context.crm)
  if (record === null) return <FaultView fault={fault('unsupported_object')} words={words} retry={() => {}} />
  return (
    <RecordCard
      // A card lives on when the person steps to another record; a model chosen for one is not carried to the next.
      key={`${record.object_type} ${record.object_id}`}
      backend={backendOf(context.variables)}
      record={record}
      locale={locale}
      words={words}
      openModal={openModal}
    />
  )
}

interface RecordProps {
  readonly backend: string | null
  readonly record: RecordKey
  readonly locale: Locale
  readonly words: Words
  readonly openModal: OpenModal
}

function RecordCard({ backend, record, locale, words, openModal }: RecordProps) {
  const [model, setModel] = useState<string | null>(null)
  const body = { ...record, locale, ...(model === null ? {} : { model }) }
  const asked = useAnswer<RecordView>(backend, 'record', body, record.object_id)

  if (asked.fault) return <FaultView fault={asked.fault} words={words} retry={asked.retry} />
  if (!asked.value) return <Loading words={words} />
  return (
    <Flex direction="column" gap="medium">
      <View
        view={asked.value}
        model={model ?? asked.value.model}
        onModel={setModel}
        loading={asked.loading}
        locale={locale}
        words={words}
      />
      <OpenPanel backend={backend} record={record} locale={locale} words={words} open={openModal} />
    </Flex>
  )
}
