import { RoiError, type Text } from '../../../src/errors.ts'
import { quote, say } from '../words.ts'
import { LIMITS, type Problem } from './protocol.ts'

/** What a workbook has to become to be read. */
export const SAVE_AS = say(
  'Open it in your spreadsheet program, save it as .xlsx or as "CSV UTF-8", and import that file.',
  '请用表格软件打开，另存为 .xlsx 或“CSV UTF-8”格式后再导入。',
)
const SAVE_AS_CSV = say(
  'Delete unused rows, columns and sheets, or save the sheet as "CSV UTF-8": CSV files have no such limit.',
  '请删除多余的行、列和工作表，或将该工作表另存为“CSV UTF-8”：CSV 文件没有此限制。',
)

const OTHER_KINDS: Readonly<Record<string, readonly [en: string, zh: string]>> = {
  xlsb: ['a binary workbook (.xlsb)', '二进制工作簿（.xlsb）'],
  ods: ['an OpenDocument file (.ods)', 'OpenDocument 文件（.ods）'],
  numbers: ['a Numbers document', 'Numbers 文档'],
  office: ['an Office document without worksheets', '不含工作表的 Office 文档'],
}

const workbook = (kind: 'usage' | 'too_large', code: string, text: Text, remedy = SAVE_AS) =>
  new RoiError(kind, code, text, remedy)

/** Why a workbook was refused, in words. */
export function problemError({ code, detail = '' }: Problem): RoiError {
  switch (code) {
    case 'not_xlsx': {
      const [en, zh] = OTHER_KINDS[detail] ?? ['a zip archive', 'zip 压缩文件']
      return workbook('usage', 'not_xlsx', say(`The file is ${en}, not .xlsx.`, `该文件是${zh}，不是 .xlsx。`))
    }
    case 'encrypted':
      return encrypted()
    case 'damaged':
      return workbook(
        'usage',
        'bad_workbook',
        say(`The workbook is damaged (${quote(detail)}).`, `工作簿已损坏（${quote(detail)}）。`),
      )
    case 'unsafe':
      return workbook(
        'usage',
        'bad_workbook',
        say(
          `The workbook holds what no spreadsheet program writes (${quote(detail)}) and was not read.`,
          `工作簿中含有表格软件不会写入的内容（${quote(detail)}），未予读取。`,
        ),
      )
    case 'too_many_parts':
      return tooLarge(
        `The workbook has ${detail} parts, more than ${LIMITS.parts}.`,
        `工作簿有 ${detail} 个部件，超过 ${LIMITS.parts} 个。`,
      )
    case 'too_large': {
      const size = LIMITS.unpacked / 1_000_000
      return tooLarge(
        `The workbook unpacks to more than ${size} MB, or to more than ${LIMITS.ratio} times its size.`,
        `工作簿解压后超过 ${size} MB，或超过其大小的 ${LIMITS.ratio} 倍。`,
      )
    }
    case 'too_many_cells': {
      const range = detail && ` (${detail})`
      return tooLarge(
        `The sheet takes more than ${LIMITS.cells} cells${range}, counted from the first to the last one in use.`,
        `工作表占用超过 ${LIMITS.cells} 个单元格${range}（从第一个到最后一个已用单元格）。`,
      )
    }
    case 'no_such_sheet':
      return noSheet(detail, [])
  }
}

export function tooLarge(en: string, zh: string): RoiError {
  return workbook('too_large', 'workbook_too_large', say(en, zh), SAVE_AS_CSV)
}

export function encrypted(): RoiError {
  return workbook(
    'usage',
    'encrypted_workbook',
    say('The workbook is protected by a password.', '工作簿受密码保护。'),
    say(
      'Open it, remove the password (File, Info, Protect Workbook), save it and import it again.',
      '请打开该文件，移除密码（文件、信息、保护工作簿），保存后重新导入。',
    ),
  )
}

/** @param present sheets to choose from */
export function noSheet(name: string, present: readonly string[]): RoiError {
  const list = present.map(quote).join(', ')
  return workbook(
    'usage',
    'unknown_sheet',
    say(
      `The workbook has no sheet ${quote(name)}${list && `; it has ${list}`}.`,
      `工作簿中没有工作表 ${quote(name)}${list && `；现有 ${list}`}。`,
    ),
    say('Correct "sheet" in the mapping file.', '请修正映射文件中的 "sheet"。'),
  )
}
