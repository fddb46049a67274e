/**
 * Origins of HubSpot's own pages, one for each region it keeps accounts in: they may frame the embedded panel.
 *
 * Confidence: `app.hubspot.com` is documented; the regional ones are recalled, not read in a primary source (hubspot.md §4). A
 * missing one shows as an empty modal and is added by ROI_PANEL_FRAME_HOSTS without a new release; a wrong one is still a
 * name below hubspot.com. Never a wildcard: `*.hubspot.com` also serves pages that customers write.
 */
export const HUBSPOT_APP_ORIGINS: readonly string[] = [
  'https://app.hubspot.com',
  'https://app-eu1.hubspot.com',
  'https://app-na2.hubspot.com',
  'https://app-na3.hubspot.com',
  'https://app-ap1.hubspot.com',
  'https://app-ca1.hubspot.com',
]
