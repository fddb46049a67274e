import type { Locale } from '../../src/errors.ts'
import type { RecordType } from '../../src/model/records.ts'
import type { Connector, Stream } from '../../src/sync/contract.ts'
import { type Detected, detect } from './detect.ts'
import type { Open } from './encoding.ts'
import { type Mapping, parseMapping } from './mapping.ts'
import { type Parts, type PartsOptions, parts } from './parts.ts'
import { checkFile, readFile } from './read.ts'
import { type FilesSettings, Settings } from './settings.ts'
import { type FileType, templateCsv } from './templates.ts'
import { say } from './words.ts'

/** The files connector: the contract, and what an import command needs before it can fill in the settings. */
export interface FilesConnector extends Connector<typeof Settings> {
  /** The tables of a file that are to be read, as what. Throws RoiError `unknown_type` when unclear. */
  parts(open: Open, name: string, options: PartsOptions): Promise<Parts>
  /** Which template a CSV file follows, how it is encoded and separated. Throws RoiError `unknown_type` when unclear. */
  detect(open: Open, name: string, map?: Mapping): Promise<Detected>
  /** A file to start from: header and two example rows, with CR LF and without byte order mark. */
  template(type: FileType, locale: Locale): string
  /** Reads the JSON of `--map FILE`; undefined when it lists several files and not this one. */
  parseMapping(json: unknown, fileName: string): Mapping | undefined
}

/** Only the stream of the file's own type has pages. */
function pull(type: RecordType, fileType: FileType): Stream<FilesSettings> {
  return {
    title: say(`${fileType} files`, `${fileType} 文件`),
    type,
    async *read(context, cursor) {
      if (context.settings.type === fileType) yield* readFile(context, cursor)
    },
  }
}

const files: FilesConnector = {
  id: 'files',
  title: say('CSV and Excel files', 'CSV 与 Excel 文件'),
  settings: Settings,
  auth: { type: 'none' },
  // Nothing is requested over a network, so there is no answer that could need a remedy.
  errors: {},

  /** The header row can be read and has the columns of the type. */
  async check(context) {
    await checkFile(context)
    const { name, currency, zone } = context.settings
    return { externalAccountId: 'files', name, currency, zone }
  },

  pull: {
    campaigns: pull('campaign', 'campaigns'),
    costs: pull('cost', 'costs'),
    contacts: pull('contact', 'contacts'),
    accounts: pull('account', 'accounts'),
    touches: pull('touch', 'touches'),
    deals: pull('deal', 'deals'),
    payments: pull('payment', 'payments'),
    invoices: pull('invoice', 'invoices'),
    rates: pull('rate', 'rates'),
  },

  parts,
  detect,
  template: templateCsv,
  parseMapping,
}

export default files
export type { Detected, FilesSettings, FileType, Mapping }
