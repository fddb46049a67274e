import type { Contact, Facts } from './read.ts'

/** Who is who: contacts that share an e-mail or a phone number, directly or through others, are one person. */
export interface People {
  /** Number of the person that a contact belongs to; undefined for one that nobody knows. */
  readonly ofContact: ReadonlyMap<string, number>
  readonly ofEmail: ReadonlyMap<string, number>
  readonly ofPhone: ReadonlyMap<string, number>
  readonly members: ReadonlyMap<number, readonly Contact[]>
}

const emailKey = (text: string) => text.trim().toLowerCase()
/** Digits with the country's; a number without one is Chinese. */
function phoneKey(text: string): string {
  const digits = text.replaceAll(/[^\d+]/g, '')
  return digits.startsWith('+') ? digits : `+86${digits}`
}

export function whoIsWho({ contacts }: Facts): People {
  const number = contacts.map((_, i) => i)
  for (let moved = true; moved; ) {
    moved = false
    for (let i = 0; i < contacts.length; i += 1) {
      for (let j = 0; j < contacts.length; j += 1) {
        if (!samePerson(contacts[i]!, contacts[j]!) || number[j]! <= number[i]!) continue
        number[j] = number[i]!
        moved = true
      }
    }
  }
  const ofContact = new Map<string, number>()
  const ofEmail = new Map<string, number>()
  const ofPhone = new Map<string, number>()
  const members = new Map<number, Contact[]>()
  contacts.forEach((contact, i) => {
    const person = number[i]!
    ofContact.set(contact.id, person)
    if (contact.email !== null) ofEmail.set(emailKey(contact.email), person)
    if (contact.phone !== null) ofPhone.set(phoneKey(contact.phone), person)
    members.set(person, [...(members.get(person) ?? []), contact])
  })
  return { ofContact, ofEmail, ofPhone, members }
}

function samePerson(a: Contact, b: Contact): boolean {
  if (a.email !== null && b.email !== null && emailKey(a.email) === emailKey(b.email)) return true
  return a.phone !== null && b.phone !== null && phoneKey(a.phone) === phoneKey(b.phone)
}

/** Number of a touch's person; undefined when nobody is known by what it names. */
export function personOf(
  {
    contact,
    email,
    phone,
  }: { readonly contact: string | null; readonly email: string | null; readonly phone: string | null },
  people: People,
): number | undefined {
  if (contact !== null) return people.ofContact.get(contact)
  if (email !== null) return people.ofEmail.get(emailKey(email))
  return phone === null ? undefined : people.ofPhone.get(phoneKey(phone))
}
