import { SaxesParser } from 'saxes'
import { BookError, LIMITS } from './protocol.ts'

type Decoder = InstanceType<typeof TextDecoder>

/** Names come without namespace prefix: programs differ in the prefixes, not in the names. */
export interface Handlers {
  open?(name: string, attributes: Readonly<Record<string, string>>): void
  close?(name: string): void
  text?(text: string): void
}

/**
 * Reads XML as it arrives and pauses after each chunk, so that the caller can pass on what it got, or stop. Nothing is
 * ever loaded or replaced: a DOCTYPE, the only place for own entities, is refused.
 * @throws BookError for XML that is not well-formed
 */
export async function* readXml(bytes: AsyncIterable<Buffer>, handlers: Handlers): AsyncGenerator<void> {
  const parser = new SaxesParser({ xmlns: false, position: false })
  let depth = 0
  parser.on('error', (error) => {
    throw new BookError('damaged', error.message)
  })
  parser.on('doctype', () => {
    throw new BookError('unsafe', 'DOCTYPE')
  })
  parser.on('opentag', ({ name, attributes }) => {
    depth++
    if (depth > LIMITS.depth) throw new BookError('unsafe', `more than ${LIMITS.depth} nested elements`)
    handlers.open?.(local(name), attributes)
  })
  parser.on('closetag', ({ name }) => {
    depth--
    handlers.close?.(local(name))
  })
  if (handlers.text) parser.on('text', (text) => handlers.text!(text))
  if (handlers.text) parser.on('cdata', (text) => handlers.text!(text))
  let decoder: Decoder | undefined
  for await (const chunk of bytes) {
    decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true })
    parser.write(decode(decoder, chunk))
    yield
  }
  parser.write(decode(decoder ?? new TextDecoder()))
  parser.close()
  yield
}

/** Reads XML to its end. */
export async function readAll(bytes: AsyncIterable<Buffer>, handlers: Handlers): Promise<void> {
  for await (const _ of readXml(bytes, handlers));
}

function local(name: string): string {
  const colon = name.indexOf(':')
  return colon < 0 ? name : name.slice(colon + 1)
}

/** An attribute whatever its namespace prefix. */
export function attributeOf(attributes: Readonly<Record<string, string>>, name: string): string | undefined {
  if (Object.hasOwn(attributes, name)) return attributes[name]
  const key = Object.keys(attributes).find((one) => local(one) === name)
  return key === undefined ? undefined : attributes[key]
}

function encodingOf(head: Buffer): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : 'utf-8'
}

function decode(decoder: Decoder, chunk?: Buffer): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode()
  } catch {
    throw new BookError('damaged', 'text that is not UTF-8')
  }
}
