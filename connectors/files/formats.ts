import { RoiError } from '../../src/errors.ts'
import { bytesOf, type Open, sample } from './encoding.ts'
import { say } from './words.ts'
import { encrypted, SAVE_AS } from './xlsx/problems.ts'

export type FileFormat = 'csv' | 'xlsx'

/** Container of old Office files, and of encrypted new ones. */
const OLE = 'd0cf11e0a1b11ae1'

/**
 * What a file is by its first bytes; names are not looked at. A zip archive is taken for .xlsx: what it is indeed is
 * found out when it is opened, by the program that may be hurt by it.
 * @throws RoiError for old and encrypted Excel files
 */
export async function formatOf(open: Open): Promise<FileFormat> {
  const head = (await sample(open, 8)).toString('hex')
  if (/^504b(?:0304|0506|0708)/.test(head)) return 'xlsx'
  if (head.startsWith(OLE)) throw (await isEncrypted(open)) ? encrypted() : oldExcel()
  return 'csv'
}

/** An encrypted workbook is a container with a stream of this name. */
async function isEncrypted(open: Open): Promise<boolean> {
  const mark = Buffer.from('EncryptedPackage', 'utf16le')
  let tail: Buffer = Buffer.alloc(0)
  for await (const chunk of bytesOf(open)) {
    const bytes = Buffer.concat([tail, chunk])
    if (bytes.includes(mark)) return true
    tail = Buffer.from(bytes.subarray(-mark.length))
  }
  return false
}

function oldExcel(): RoiError {
  return new RoiError(
    'usage',
    'old_excel',
    say('The file is an old Excel file (.xls), not .xlsx.', '该文件是旧版 Excel 文件（.xls），不是 .xlsx。'),
    SAVE_AS,
  )
}
