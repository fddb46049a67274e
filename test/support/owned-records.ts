import type { AnyRecord } from '../../src/model/records.ts'

/**
 * Records of a CRM with owners, for tests of who sees what. Li (user 11) shares team 2 with Wang; Zhao is in another team;
 * Old left, and her address was given to somebody else. What Zhao owns has "Zhao" in its name and 777 in its amount.
 */
const at = (day: string) => new Date(`${day}T09:00:00Z`)
const owner = (id: string, email: string, attributes: Record<string, string>): AnyRecord => ({
  type: 'owner',
  id,
  name: id,
  email,
  attributes,
})
const deal = (id: string, name: string, amount: string, links: object): AnyRecord => ({
  type: 'deal',
  id,
  name,
  createdAt: at('2026-02-01'),
  closedAt: at('2026-03-01'),
  won: true,
  amount: { amount, currency: 'CNY' },
  ...links,
})

export const OWNED: readonly AnyRecord[] = [
  owner('o-li', 'Li@x.cn', { user_id: '11', team_ids: '1,2' }),
  owner('o-wang', 'wang@x.cn', { user_id: '12', team_ids: '2' }),
  owner('o-zhao', 'zhao@x.cn', { user_id: '13', team_ids: '3' }),
  owner('o-old', 'given-on@x.cn', { user_id: '14', archived: 'true' }),
  // As it came before ids of users were read.
  owner('o-sun', 'sun@x.cn', {}),

  { type: 'account', id: '50', name: 'Shared' },
  { type: 'account', id: '51', name: 'Only of Zhao' },
  { type: 'account', id: '52', name: 'Without deals' },
  { type: 'contact', id: '60', name: 'Ann', accountId: '50', createdAt: at('2026-01-02') },
  { type: 'contact', id: '61', name: 'Only of Zhao', accountId: '51', createdAt: at('2026-01-02') },
  { type: 'contact', id: '62', name: 'Without deals', createdAt: at('2026-01-02') },
  ...['60', '61'].map(
    (contactId): AnyRecord => ({
      type: 'touch',
      id: `t-${contactId}`,
      person: { contactId },
      occurredAt: at('2026-01-10'),
      channel: 'events',
    }),
  ),
  deal('101', 'Own', '1000.00', { ownerId: 'o-li', accountId: '50', contactIds: ['60'] }),
  deal('102', 'Of the team', '200.00', { ownerId: 'o-wang', accountId: '50', contactIds: ['60'] }),
  deal('103', 'Of Zhao', '777.77', { ownerId: 'o-zhao', accountId: '50', contactIds: ['60'] }),
  deal('104', 'Of nobody', '40.00', { accountId: '50', contactIds: ['60'] }),
  deal('105', 'Of Zhao too', '777.70', { ownerId: 'o-zhao', accountId: '51', contactIds: ['61'] }),
  deal('106', 'Of who left', '1.00', { ownerId: 'o-old' }),
  deal('107', 'Of Sun', '1.00', { ownerId: 'o-sun' }),
  // An owner that no list has.
  deal('108', 'Of a ghost', '1.00', { ownerId: 'o-ghost' }),
  { type: 'payment', id: 'p1', dealId: '103', amount: { amount: '777.71', currency: 'CNY' }, paidAt: at('2026-03-20') },
]
