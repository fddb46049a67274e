import type { Reader } from '../../db/database.ts'
import { OWNER, type OwnerMarks } from '../../model/people.ts'
import { text } from './lookup.ts'
import type { DealRow } from './read.ts'

const OWNERS = text('owners')

/** A person of a CRM who sees only what is his there (F135). */
export interface Viewer {
  readonly source: string
  /** His id as a user of the CRM. */
  readonly user: string
  /** '' where the CRM tells none. */
  readonly email: string
}

/** Whether somebody may see a deal. */
export type Sight = (deal: Pick<DealRow, 'owner_id'>) => boolean

interface OwnerRow {
  id: bigint
  email: string | null
  attributes: string | null
}

/**
 * What a person may see: deals that he owns, that an owner of one of his teams owns, and those without an owner. Somebody
 * the CRM calls no owner sees the latter only. Without a viewer everything is seen.
 */
export async function sightOf(reader: Reader, tenant: number, viewer: Viewer | undefined): Promise<Sight> {
  if (!viewer) return () => true
  const owners = (await reader.query<OwnerRow>(OWNERS, [tenant, viewer.source])).map(ownerOf)
  const self = owners.filter((owner) => isHim(owner, viewer))
  const teams = new Set(self.flatMap((owner) => owner.teams))
  const mates = owners.filter((owner) => owner.teams.some((team) => teams.has(team)))
  const seen = new Set([...self, ...mates].map(({ id }) => id))
  return ({ owner_id }) => owner_id === null || seen.has(owner_id)
}

/** Whether a contact or an account with these deals may be opened: one of them is his or of his teams, or nobody owns any. */
export function opens(sees: Sight, deals: readonly Pick<DealRow, 'owner_id'>[]): boolean {
  const owned = deals.filter(({ owner_id }) => owner_id !== null)
  return owned.length === 0 || owned.some(sees)
}

interface Owner {
  readonly id: bigint
  readonly email: string
  readonly user: string | undefined
  readonly teams: readonly string[]
  readonly archived: boolean
}

function ownerOf({ id, email, attributes }: OwnerRow): Owner {
  const known: OwnerMarks = attributes === null ? {} : JSON.parse(attributes)
  const teams = known[OWNER.teams]?.split(',') ?? []
  return { id, email: nameOf(email ?? ''), user: known[OWNER.user], teams, archived: known[OWNER.archived] === 'true' }
}

/** By his id, which stays his when he leaves and returns. An address may be given to another one once he has left. */
function isHim(owner: Owner, viewer: Viewer): boolean {
  if (owner.user === viewer.user) return true
  return !owner.archived && owner.email !== '' && owner.email === nameOf(viewer.email)
}

function nameOf(email: string): string {
  return email.trim().toLowerCase()
}
