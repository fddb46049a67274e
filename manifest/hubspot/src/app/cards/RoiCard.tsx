import { hubspot } from '@hubspot/ui-extensions'
import { Card } from './Card.tsx'

hubspot.extend<'crm.record.tab'>(({ context, actions }) => (
  <Card context={context} openModal={actions.openIframeModal} />
))
