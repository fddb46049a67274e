export type SqlValue = string | number | null

/** What a state engine has to offer; its SQL is plain, parameters are `$1 …`. */
export interface Sql {
  all<Row>(text: string, ...parameters: SqlValue[]): Promise<Row[]>
  run(text: string, ...parameters: SqlValue[]): Promise<void>
}

export interface StateEngine extends Sql {
  /**
   * Runs work in one durable transaction, alone among all processes on this store: numbers may be given by what the
   * highest one is.
   */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>
  /** The instant by the clock that all processes on this store share; undefined where they share this machine's. */
  readonly clock?: () => Promise<Date>
  close(): Promise<void>
}

/** What every part of the state store works with. */
export interface Store {
  readonly engine: StateEngine
  /** Now, as it is stored: UTC text in ISO 8601 with milliseconds. */
  at(): string
}

export function fromJson(text: string | null): unknown {
  return text === null ? null : JSON.parse(text)
}

export function toDate(text: string | null): Date | null {
  return text === null ? null : new Date(text)
}

/** `$1, $2, …` for a list of parameters. */
export function places(first: number, count: number): string {
  return Array.from({ length: count }, (_, i) => `$${first + i}`).join(', ')
}
