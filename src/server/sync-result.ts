import type { Finding, StreamResult, SyncReason, SyncResult } from '../api.ts'
import type { Locale } from '../errors.ts'
import type { Reason, RunOutcome, StreamOutcome } from '../sync/outcome.ts'

/** A run in one language, as the API tells it. */
export function syncResult(outcome: RunOutcome, locale: Locale): SyncResult {
  const { connection, connector, title, state, requests, limited, drift } = outcome
  return {
    connection,
    connector,
    title,
    state,
    reason: outcome.reason && syncReason(outcome.reason, locale),
    started_at: outcome.startedAt.toISOString(),
    finished_at: outcome.finishedAt.toISOString(),
    requests,
    limited,
    streams: outcome.streams.map((stream) => streamResult(stream, locale)),
    drift: drift.map(({ stream, field, kind }) => ({ stream, field, kind })),
  }
}

function streamResult(outcome: StreamOutcome, locale: Locale): StreamResult {
  const { stream, title, state, mode, read, imported, unchanged, deleted, merged, rejected, total, reason } = outcome
  return {
    stream,
    title: title[locale] || stream,
    state,
    mode,
    read,
    imported,
    unchanged,
    deleted,
    merged,
    rejected,
    total,
    reason: reason && syncReason(reason, locale),
    notices: outcome.notices.map(({ code, message, count, example }): Finding => {
      return { code, message: message[locale], count, money: null, examples: example ? [example] : [] }
    }),
  }
}

export function syncReason({ code, message, remedy, retryAt }: Reason, locale: Locale): SyncReason {
  return {
    code,
    message: message[locale],
    remedy: remedy?.[locale] ?? null,
    retry_at: retryAt?.toISOString() ?? null,
  }
}
