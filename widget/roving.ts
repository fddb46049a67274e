/**
 * One tab stop for a group of equal things (ranges of a chart, rows of a table): the group carries `data-rove`, its
 * items `data-item`. Arrow keys, Home and End move between items; the last one visited keeps the stop.
 */
const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }

/** Item a key leads to from `current`, or null when the key is not one of ours. Ends do not wrap. */
export function nextItem<T>(items: readonly T[], current: T, key: string): T | null {
  if (key === 'Home') return items[0] ?? null
  if (key === 'End') return items.at(-1) ?? null
  const step = STEPS[key]
  if (step === undefined) return null
  return items[Math.min(Math.max(items.indexOf(current) + step, 0), items.length - 1)] ?? null
}

/** `keydown` handler of a group. */
export function rove(event: KeyboardEvent): void {
  const item = (event.target as Element).closest<HTMLElement>('[data-item]')
  const group = event.currentTarget as HTMLElement
  if (!item) return
  const next = nextItem(itemsOf(group), item, event.key)
  if (!next) return
  event.preventDefault()
  for (const each of itemsOf(group)) each.tabIndex = each === next ? 0 : -1
  next.focus()
}

/** After a render: every group has exactly one item in the tab order. */
export function tendGroups(root: ParentNode): void {
  for (const group of root.querySelectorAll<HTMLElement>('[data-rove]')) {
    const items = itemsOf(group)
    const stop = items.find((item) => item.getAttribute('tabindex') === '0') ?? items[0]
    for (const item of items) item.tabIndex = item === stop ? 0 : -1
  }
}

function itemsOf(group: HTMLElement): HTMLElement[] {
  return [...group.querySelectorAll<HTMLElement>('[data-item]')]
}
