import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { RoiError, type Text } from '../errors.ts'
import { dataError } from './errors.ts'
import { KEY_BYTES, type Key, type KeyRing, newKey, toKey } from './keyring.ts'

/** `DATA/keys`: the current key first. */
const KeyFile = z.object({
  version: z.literal(1),
  keys: z
    .array(z.object({ id: z.string().min(1), key: z.base64().refine((text) => bytesOf(text).length === KEY_BYTES) }))
    .min(1),
})
type KeyFile = z.infer<typeof KeyFile>

const REMEDY: Text = {
  en: 'Restore the file "keys" of the data directory from the same backup as state.sqlite, or connect the source again.',
  'zh-CN': '请从与 state.sqlite 相同的备份中恢复数据目录中的 keys 文件，或重新连接该数据源。',
}

/**
 * The key ring of the embedded profile: made on first need, readable by its owner only. Every change is a new file that
 * takes the place of the old one once it is on disk whole.
 * @throws RoiError `keys_damaged` from every use: a file that cannot be read is never replaced, its keys may be needed
 */
export function fileKeys(dataDir: string): KeyRing {
  const path = join(dataDir, 'keys')
  const read = (): KeyFile | undefined => readKeys(path)
  const write = (file: KeyFile) => writeKeys(path, file)
  const fresh = () => {
    const { id, bytes } = newKey()
    return { id, key: bytes.toString('base64') }
  }
  return {
    remedy: REMEDY,
    keys() {
      let file = read()
      if (!file) {
        file = { version: 1, keys: [fresh()] }
        write(file)
      }
      return file.keys.map(({ id, key }): Key => toKey(id, bytesOf(key)))
    },
    add() {
      write({ version: 1, keys: [fresh(), ...(read()?.keys ?? [])] })
    },
    keep(ids) {
      const keys = read()?.keys ?? []
      const left = keys.filter(({ id }, i) => i === 0 || ids.has(id))
      if (left.length < keys.length) write({ version: 1, keys: left })
    },
  }
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'base64')
}

function readKeys(path: string): KeyFile | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
    // A copy of the data directory may have lost its modes.
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw dataError(error)
  }
  try {
    return KeyFile.parse(JSON.parse(text))
  } catch {
    // The cause is left out: it could repeat what is in the file.
    throw new RoiError(
      'failure',
      'keys_damaged',
      { en: 'The file "keys" of the data directory is damaged.', 'zh-CN': '数据目录中的 keys 文件已损坏。' },
      REMEDY,
    )
  }
}

function writeKeys(path: string, file: KeyFile): void {
  const draft = `${path}.${process.pid}.new`
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const handle = openSync(draft, 'w', 0o600)
    try {
      writeSync(handle, `${JSON.stringify(file, null, 2)}\n`)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(draft, path)
    flushFolder(dirname(path))
  } catch (error) {
    throw dataError(error)
  }
}

/** Makes the new name survive a power failure, where the system can. */
function flushFolder(path: string): void {
  try {
    const handle = openSync(path, 'r')
    try {
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
  } catch {}
}
