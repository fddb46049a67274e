import { LitElement } from 'lit'

/** The attributes of `<roi-panel>` and their defaults. Any text is accepted; what makes no sense means the default. */
export class PanelAttributes extends LitElement {
  static override properties = {
    endpoint: {},
    token: {},
    workspace: {},
    objectType: { attribute: 'object-type' },
    objectId: { attribute: 'object-id' },
    view: {},
    model: {},
    period: {},
    currency: {},
    locale: {},
    theme: {},
    density: {},
    basis: {},
  }

  /** Origin (and path) of the service; empty = where the page came from. Only http and https are asked. */
  declare endpoint: string
  /** Short-lived embed token, sent as a bearer token. Never a secret of yours. */
  declare token: string
  /** Key of the workspace; empty = the one the service shows first. */
  declare workspace: string
  /** CRM object the element stands on: `deal`, `contact`, `account`, `campaign`; of any other kind the workspace is shown. */
  declare objectType: string
  /** Id of that object in its source; with it the element shows that record. */
  declare objectId: string
  /** `dashboard`, the only view of this release; other values show it too. */
  declare view: string
  /** Attribution model to show first; unknown or unavailable ones give the workspace's own. */
  declare model: string
  /** `all`, `FROM..TO` (half-open days), `this-month`, `last-month`, and the same with `quarter` and `year`. */
  declare period: string
  /** Currency wished for. This release shows the workspace's currency and names it in the trust strip. */
  declare currency: string
  /** `zh-CN` or `en`; else the page's language, else the browser's. */
  declare locale: string
  /** `light` (default), `dark` or `auto` (as the system). */
  declare theme: string
  /** `compact` for lower rows. */
  declare density: string
  /** Date basis wished for. This release shows closing dates and names them in the trust strip. */
  declare basis: string

  constructor() {
    super()
    for (const name of Object.keys(PanelAttributes.properties) as (keyof typeof PanelAttributes.properties)[])
      this[name] = ''
  }
}
