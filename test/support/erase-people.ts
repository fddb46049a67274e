import type { AnyRecord } from '../../src/model/records.ts'

export const PEOPLE = 400

/** Some people with a touch each; `version` makes each page of them another one than what is stored. */
export function people(version = 0): AnyRecord[] {
  return Array.from({ length: PEOPLE }, (_, i): AnyRecord[] => [
    {
      type: 'contact',
      id: `c${i}`,
      createdAt: new Date(i),
      email: `canary-${i}-@example.com`,
      name: `Canary-${i}-${version}`,
      updatedAt: new Date(version),
    },
    {
      type: 'touch',
      id: `t${i}`,
      person: i % 2 ? { contactId: `c${i}` } : { email: `canary-${i}-@example.com` },
      occurredAt: new Date(i),
      channel: 'search',
      landingUrl: `https://example.com/?canary-${i}-${version}`,
      updatedAt: new Date(version),
    },
  ]).flat()
}
