/** An integer of 16 digits or an exponent of three, outside of most strings: only then the slow way is taken. */
const UNSAFE_NUMBER = /(?:^|[:,[\s-])(?:\d{16}|[\d.]{1,32}[eE]\+?\d{3})/
/** The key `__proto__`, also when some of its characters are escaped. */
const PROTO = /__proto__|\\u00[567]/i

/** TypeScript does not know of the source text yet (Node ≥ 22). */
type Parse = (text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown) => unknown

/**
 * JSON as it was sent: integers beyond 2^53 are texts, digit for digit. Keys `__proto__` are left out.
 * @throws SyntaxError when it is no JSON or holds a number beyond all bounds; RangeError when it holds an integer beyond
 * 2^53 and is nested some thousand levels deep
 */
export function parseJson(text: string): unknown {
  const value = UNSAFE_NUMBER.test(text) ? (JSON.parse as Parse)(text, lossless) : (JSON.parse(text) as unknown)
  if (PROTO.test(text)) dropProto(value)
  return value
}

function lossless(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  if (!Number.isFinite(value)) throw new SyntaxError('a number is beyond all bounds')
  return source && /^-?\d+$/.test(source) ? source : value
}

/** Without recursion: an answer may be nested as deep as it likes. */
function dropProto(root: unknown): void {
  const open = [root]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null) continue
    if (Object.hasOwn(value, '__proto__')) Reflect.deleteProperty(value, '__proto__')
    for (const part of Object.values(value)) open.push(part)
  }
}
