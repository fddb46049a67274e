import { z } from 'zod'
import type { Viewer } from '../../metrics/record.ts'
import { PAGE_PEOPLE, RECORD_PEOPLE } from '../../model/people.ts'
import type { Connection, State } from '../../state/state.ts'
import { rightsOf } from '../auth-rights.ts'

/** Settings of a connection that say whom its people are to us; what is not understood gives the least right. */
const People = z.object({
  page_people: z.enum(PAGE_PEOPLE).default('users').catch('users'),
  record_people: z.enum(RECORD_PEOPLE).default('shown').catch('owned'),
})

/** A person of a connected account, as the host names him in what it signs. */
export interface Person {
  readonly id: string
  /** '' where the host tells none. */
  readonly email: string
}

/** How far a person sees. */
export interface Reach {
  /** Whether the workspace as a whole is for him. */
  readonly page: boolean
  /** Set where of records he sees only his own. */
  readonly viewer: Viewer | undefined
}

/**
 * How far a person of an account sees (F135). The host says who asks, but not what he may see there; so the service looks
 * whether it has a user of his e-mail address, and for all others what the connection is set to. Asked anew with every
 * request: users and settings change.
 * @returns undefined for a user who is kept out of the workspace
 */
export async function reachOf(
  state: Pick<State, 'findUser'>,
  connection: Connection,
  { id, email }: Person,
): Promise<Reach | undefined> {
  const user = email === '' ? undefined : await state.findUser(email)
  if (user?.tenants && !user.tenants.includes(connection.tenant)) return undefined
  const { page_people, record_people } = People.parse(connection.settings)
  const reads = user !== undefined && rightsOf(user.role).includes('read')
  return {
    page: reads || page_people === 'everyone',
    viewer: reads || record_people === 'shown' ? undefined : { source: connection.source, user: id, email },
  }
}
