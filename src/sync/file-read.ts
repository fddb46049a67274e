import type { ImportFile, ImportOptions } from '../state/state.ts'
import { type Context, OFFLINE, type Page } from './contract.ts'
import type { FileConnector, FilePull, Open } from './file-connector.ts'

/** A file of an import as a pull of the runner. */
export interface FileRead {
  readonly pull: FilePull
  readonly context: Context<unknown>
}

export interface FileReadOptions {
  /** Zone and currency of the time the file was given. */
  readonly options: ImportOptions
  readonly signal: AbortSignal
  readonly log: Context<unknown>['log']
  /** What counts as the future: the time the file was given. */
  readonly now: Date
}

/** Prepares the read of one file. */
export function fileRead(
  connector: FileConnector,
  file: ImportFile,
  open: Open,
  { options, signal, log, now }: FileReadOptions,
): FileRead {
  const settings = connector.settings.parse({
    file: file.sha256,
    name: file.name,
    type: file.type,
    map: file.mapping,
    dateFormat: file.dateFormat,
    zone: options.zone,
    currency: options.currency,
    size: file.size,
  })
  const pull = connector.pull[file.type]?.read
  if (!pull) throw new Error(`the connector ${connector.id} reads no files of type ${file.type}`)
  return { pull, context: { ...OFFLINE, settings, open, signal, log, now: () => now } }
}

/** A read whose first page is there already. */
export interface BegunRead extends FileRead {
  /** Closes the file when the read is not gone through with. */
  abandon(): Promise<void>
}

/** Reads the first page, so that what is wrong with a file as a whole is known before any file is written. */
export async function begin({ pull, context }: FileRead): Promise<BegunRead> {
  const pages = pull(context, null)[Symbol.asyncIterator]()
  const first = await pages.next()
  async function* rest(): AsyncGenerator<Page> {
    try {
      for (let page = first; !page.done; page = await pages.next()) yield page.value
    } finally {
      await pages.return?.()
    }
  }
  return {
    pull: rest,
    context,
    async abandon() {
      await pages.return?.()
    },
  }
}
