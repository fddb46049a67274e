/**
 * Names one wish, so that the same wish sent twice is served once. Not a secret: what it names is bound to the signed
 * user by the backend. Hence the plain random numbers where the worker has no `crypto`.
 */
export function wishId(): string {
  const source = globalThis.crypto as Crypto | undefined
  if (typeof source?.randomUUID === 'function') return source.randomUUID()
  return 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => Math.floor(Math.random() * 16).toString(16))
}
