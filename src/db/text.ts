const UNSTORABLE = /[\0\p{Surrogate}]/u

/**
 * Text as every engine can hold it. PostgreSQL refuses U+0000, and half of a surrogate pair is no UTF-8: the first is
 * removed and the second becomes U+FFFD, on all engines alike, so that the same input gives the same rows everywhere.
 */
export function storable(text: string): string {
  return UNSTORABLE.test(text) ? text.replaceAll('\0', '').replaceAll(/\p{Surrogate}/gu, '\ufffd') : text
}
