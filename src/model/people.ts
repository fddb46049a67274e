/**
 * Whom a CRM's people may see what of, inside the CRM (F135): settings of a connection, least right first. The CRM tells an
 * app who asks, but not which records he may open.
 */

/** Who sees the workspace as a whole: people who are users of this service, or everyone of the account. */
export const PAGE_PEOPLE = ['users', 'everyone'] as const
/** Of which records a person who is no user sees the view: those the CRM shows him, or his own and his teams' only. */
export const RECORD_PEOPLE = ['shown', 'owned'] as const

/** Attributes of an owner by which he is known as a person of the CRM. */
export const OWNER = {
  /** His id as a user; owners have ids of their own. */
  user: 'user_id',
  /** Ids of his teams, with a comma between. */
  teams: 'team_ids',
  /** `true` for one who left. */
  archived: 'archived',
} as const
export type OwnerMarks = { readonly [Name in (typeof OWNER)[keyof typeof OWNER]]?: string }
