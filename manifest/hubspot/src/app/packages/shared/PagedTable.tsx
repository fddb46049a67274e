import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '@hubspot/ui-extensions'
import { type ReactNode, useState } from 'react'

export const PAGE = 10

export interface Column<T> {
  readonly key: string
  readonly title: string
  readonly cell: (row: T) => ReactNode
  readonly right?: boolean
}

interface Props<T> {
  readonly rows: readonly T[]
  readonly columns: readonly Column<T>[]
  readonly rowKey: (row: T, index: number) => string
  /** Last lines of every page: totals and what lies beside them. */
  readonly sums?: readonly T[]
}

/** A table of HubSpot's, ten rows a page; one page has no navigation. */
export function PagedTable<T>({ rows, columns, rowKey, sums = [] }: Props<T>) {
  const [wanted, setPage] = useState(1)
  const pages = Math.max(1, Math.ceil(rows.length / PAGE))
  // Another model or record may have fewer pages than the one looked at.
  const page = Math.min(wanted, pages)
  const shown = [...rows.slice((page - 1) * PAGE, page * PAGE), ...sums]
  const content = (
    <>
      <TableHead>
        <TableRow>
          {columns.map(({ key, title, right }) => (
            <TableHeader key={key} align={right ? 'right' : 'left'}>
              {title}
            </TableHeader>
          ))}
        </TableRow>
      </TableHead>
      <TableBody>
        {shown.map((row, index) => (
          <TableRow key={rowKey(row, index)}>
            {columns.map(({ key, cell, right }) => (
              <TableCell key={key} align={right ? 'right' : 'left'}>
                {cell(row)}
              </TableCell>
            ))}
          </TableRow>
        ))}
      </TableBody>
    </>
  )
  if (pages === 1) return <Table density="condensed">{content}</Table>
  return (
    <Table density="condensed" paginated page={page} pageCount={pages} onPageChange={setPage}>
      {content}
    </Table>
  )
}
