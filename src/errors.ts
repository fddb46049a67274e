/**
 * Every failure a user may meet, named by what helps: each carries a stable code, a sentence in both languages and
 * the remedy. CLI exit codes and HTTP statuses are decided here and nowhere else.
 */

/** The languages of the product. Both are complete; neither is a translation of last resort. */
export const LOCALES = ['en', 'zh-CN'] as const
export type Locale = (typeof LOCALES)[number]

/** A sentence in every language. A missing one is a type error. */
export type Text = Readonly<Record<Locale, string>>

/** What kind of failure it is; decides exit code and HTTP status. */
export type Kind = keyof typeof KINDS
const KINDS = {
  /** Something broke that the user could not foresee. */
  failure: { exit: 1, status: 500 },
  /** The store cannot work right now: locked, disk full, not yet open. */
  unavailable: { exit: 1, status: 503 },
  /** The command, request or setting is wrong; nothing was changed. */
  usage: { exit: 2, status: 400 },
  /** The thing named does not exist (or is not visible to the caller). */
  not_found: { exit: 2, status: 404 },
  /** The input is larger than the documented limit. */
  too_large: { exit: 2, status: 413 },
  /** What there is does not allow it yet: too little data, or a step that comes first. */
  conflict: { exit: 1, status: 409 },
  /** Who is calling is unknown or may not do this. */
  auth: { exit: 3, status: 401 },
  /** Part of the input was refused, the rest was kept. */
  partial: { exit: 4, status: 422 },
  /** A quality gate did not hold, for example a total that does not reconcile. */
  quality: { exit: 5, status: 409 },
} as const

/** An expected failure. Printed as one line with its remedy; an unexpected error is printed with its stack. */
export class RoiError extends Error {
  override readonly name = 'RoiError'
  readonly kind: Kind
  readonly code: string
  readonly text: Text
  readonly remedy: Text | undefined

  constructor(kind: Kind, code: string, text: Text, remedy?: Text, options?: ErrorOptions) {
    super(text.en, options)
    this.kind = kind
    this.code = code
    this.text = text
    this.remedy = remedy
  }

  /** Exit code of the CLI (product.md §9). */
  get exitCode(): number {
    return KINDS[this.kind].exit
  }

  /** Status of an HTTP answer. */
  get status(): number {
    return KINDS[this.kind].status
  }

  /** The sentence and its remedy in one language. */
  describe(locale: Locale): string {
    return this.remedy ? `${this.text[locale]} ${this.remedy[locale]}` : this.text[locale]
  }
}

/** True for an expected failure, also across realms and module copies. */
export function isRoiError(error: unknown): error is RoiError {
  return error instanceof Error && error.name === 'RoiError' && 'code' in error && 'text' in error
}

/**
 * What went wrong with one request to a source, named by who must act:
 * `fix-settings` a person must change credentials, scopes or settings; `wait` a limit is reached, go on at `retryAt`;
 * `retry` it may work again soon; `report` the source or the connector is wrong, retrying is useless.
 */
export type Remedy = 'fix-settings' | 'wait' | 'retry' | 'report'

/** Thrown by connectors and by the HTTP layer under them. The runner acts on `remedy`; connectors never retry. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError'
  readonly remedy: Remedy
  readonly code: string
  readonly retryAt: Date | undefined

  constructor(remedy: Remedy, code: string, message: string, options?: ErrorOptions & { retryAt?: Date }) {
    super(message, options)
    this.remedy = remedy
    this.code = code
    this.retryAt = options?.retryAt
  }
}
