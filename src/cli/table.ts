import { pad, plain, widthOf } from './text.ts'

export interface TableColumn {
  readonly title: string
  readonly align?: 'left' | 'right'
}

/** A table of plain text, aligned by what the characters take on a terminal. `foot` rows stand below a line. */
export function table(
  columns: readonly TableColumn[],
  rows: readonly string[][],
  foot: readonly string[][] = [],
): string {
  const clean = (cells: readonly string[]) => columns.map((_, i) => plain(cells[i] ?? ''))
  const head = columns.map((column) => column.title)
  const body = rows.map(clean)
  const feet = foot.map(clean)
  const widths = columns.map((_, i) => Math.max(...[head, ...body, ...feet].map((cells) => widthOf(cells[i] ?? ''))))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => pad(cell, widths[i] ?? 0, columns[i]?.align))
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  return `${[line(head), rule, ...body.map(line), ...(feet.length > 0 ? [rule] : []), ...feet.map(line)].join('\n')}\n`
}
