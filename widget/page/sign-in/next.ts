/** Where to go after signing in: below this server, or to the panel. */
export function nextAddress(wanted: string | null, origin: string): string {
  // Two slashes, or a backslash, would be another host.
  if (!wanted || !/^\/(?![/\\])/.test(wanted) || !URL.canParse(wanted, origin)) return '/'
  const url = new URL(wanted, origin)
  return url.origin === origin ? `${url.pathname}${url.search}${url.hash}` : '/'
}
