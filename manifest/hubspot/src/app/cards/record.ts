/** A record as the backend names it. */
export interface RecordKey {
  readonly object_type: 'deals' | 'companies' | 'contacts'
  readonly object_id: string
}

const TYPES: { readonly [objectTypeId: string]: RecordKey['object_type'] | undefined } = {
  '0-1': 'contacts',
  '0-2': 'companies',
  '0-3': 'deals',
}

/** The record the card stands on; null on a kind of record that has no view. */
export function recordOf(crm: { readonly objectTypeId: string; readonly objectId: number | string }): RecordKey | null {
  const type = TYPES[crm.objectTypeId]
  return type ? { object_type: type, object_id: String(crm.objectId) } : null
}
