import { Button, EmptyState, Flex, Heading, Link, Text } from '@hubspot/ui-extensions'
import {
  backendOf,
  type Connection,
  FaultView,
  formatOf,
  Loading,
  localeOf,
  useAnswer,
  wordsOf,
} from '@roi-panel/hubspot-shared'
import { Health } from './Health.tsx'
import { Streams } from './Streams.tsx'

/** What the settings page needs of HubSpot's context. */
export interface SettingsContext {
  readonly user: { readonly language?: string; readonly locale?: string }
  readonly portal: { readonly timezone: string }
  readonly variables?: Readonly<Record<string, unknown>>
}

/** Is the account connected, does it synchronize, and if not, why and what to do. Changes are made in the console. */
export function Settings({ context }: { readonly context: SettingsContext }) {
  const locale = localeOf(context.user)
  const words = wordsOf(locale)
  const said = words.settings
  const asked = useAnswer<Connection>(backendOf(context.variables), 'connection', { locale }, 'connection')

  if (asked.fault) return <FaultView fault={asked.fault} words={words} retry={asked.retry} />
  if (!asked.value) return <Loading words={words} />
  const { status, console: address } = asked.value
  const toConsole = address.startsWith('https://') && (
    <Link href={{ url: address, external: true }}>{said.console}</Link>
  )
  if (status === null)
    return (
      <EmptyState title={said.notConnected} imageName="integrations">
        <Text>{said.notConnectedText}</Text>
        {toConsole}
      </EmptyState>
    )
  const format = formatOf(locale, context.portal.timezone)
  return (
    <Flex direction="column" gap="medium">
      <Heading>{said.title}</Heading>
      <Health status={status} words={words} format={format} />
      <Streams status={status} words={words} format={format} />
      <Flex direction="row" gap="medium" align="center">
        <Button onClick={asked.retry} disabled={asked.loading} variant="secondary">
          {said.refresh}
        </Button>
        {toConsole}
      </Flex>
    </Flex>
  )
}
