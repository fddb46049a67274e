import { useExtensionActions, useExtensionContext } from '@hubspot/ui-extensions'
import { PageTitle } from '@hubspot/ui-extensions/pages'
import { localeOf, wordsOf } from '@roi-panel/hubspot-shared'
import { PortfolioView } from './PortfolioView.tsx'

/** The app's page: its title, and the workspace under it. */
export function PortfolioPage() {
  const context = useExtensionContext<'pages'>()
  const actions = useExtensionActions<'pages'>()
  return (
    <>
      <PageTitle>{wordsOf(localeOf(context.user)).portfolio.title}</PageTitle>
      <PortfolioView context={context} openModal={actions.openIframeModal} />
    </>
  )
}
