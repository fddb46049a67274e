import { Router } from 'express'
import { CloseInfo, CloseResult, Closes, Restatement } from '../api/closes.ts'
import {
  Benchmarks,
  ConfigDiff,
  ConfigList,
  ConfigRestored,
  ConfigShown,
  CustomMetricInfo,
  MetricRemoved,
  Metrics,
  RunHead,
  Runs,
  RunView,
  SettingChanged,
} from '../api/governance.ts'
import { QualityRows, QualityScore } from '../api/quality.ts'
import { SavedSegments, Segments } from '../api/segments.ts'
import { entryHandlers } from './entry-routes.ts'
import type { Services } from './services.ts'

/**
 * Configuration, saved reports, quality, benchmarks and metrics of the panel API. All take `workspace` and `locale` in the query; what
 * is done is kept with who did it, and with `reason` where one is given.
 *
 * - `GET /config?offset&limit` → ConfigList, versions of the configuration, newest first
 * - `GET /config/:version` → ConfigShown, everything a version says
 * - `GET /config/diff?from&to` → ConfigDiff
 * - `POST /config/:version/restore` `{reason?}` → ConfigRestored: a new version that says the same
 * - `PUT /settings/:key` `{value, reason?}` → `{key, value, recomputed}`
 * - `GET /runs?offset&limit` → Runs; `POST /runs` `{name?, by, model, …}` → RunHead, with the question of a report
 * - `GET /runs/:id` → RunView: the old numbers with the old settings, and what changed since
 * - `GET /quality/score?days` → QualityScore; `POST /quality/score` the same, kept as the last check of the day
 * - `GET /quality/rows?code&offset&limit` → QualityRows, the records behind a check
 * - `GET /benchmarks?channel&type` → Benchmarks; `PUT /benchmarks/:name` `{metric, low, high?, convention, source, …}`;
 *   `DELETE /benchmarks/:name?reset` takes one away, or with `reset=true` brings back one that the product comes with
 * - `GET /metrics` → Metrics; `PUT /metrics/:name` `{expression, label?, reason?}` → CustomMetricInfo; `DELETE /metrics/:name`
 * - `GET /segments?model&from&to&date_basis&revenue_basis&where` → Segments, return of each saved part of the data; `GET
 *   /segments/saved` → SavedSegments; `PUT /segments/:name` `{where: [{dimension, is}], reason?}`; `DELETE /segments/:name`
 * - `GET /closes` → Closes; `POST /closes` `{period, dry_run?}` → CloseResult; `period` is a month or a quarter, `dry_run` shows what
 *   would be locked and what is unfinished
 * - `GET /closes/:month?offset&limit` → Restatement: what changed since, why and how much
 * - `POST /closes/:month/reopen` `{reason}` → CloseInfo
 *
 * Errors: Problem; 400 `bad_request`, `bad_setting`, `bad_expression`, `metric_units`, `metric_cycle`, `metric_used`, `unknown_metric`,
 * `ambiguous_metric`, `metric_constant`, `bad_close_period`, `not_over`, `already_closed`, `currency_locked`, `bad_metric_name`, `bad_benchmark`, `convention_missing`, `convention_wrong`; 404
 * `unknown_config_version`, `unknown_run`, `unknown_check`, `unknown_benchmark`, `unknown_segment`, `not_closed`, `unknown_workspace`; 413 `body_too_large`; 500
 * `config_outdated`.
 */
export function governanceRoutes(services: Services): Router {
  const router = Router()
  const { read, write } = entryHandlers(services)
  router.get('/config', read('config', ConfigList))
  router.get('/config/diff', read('config_diff', ConfigDiff))
  router.get('/config/:version', read('config_version', ConfigShown))
  router.post('/config/:version/restore', write('restore_config', ConfigRestored))
  router.put('/settings/:key', write('set', SettingChanged))
  router.get('/runs', read('runs', Runs))
  router.post('/runs', write('save_run', RunHead))
  router.get('/runs/:id', read('run', RunView))
  router.get('/quality/score', read('quality_score', QualityScore))
  router.post('/quality/score', write('quality_check', QualityScore))
  router.get('/quality/rows', read('quality_rows', QualityRows))
  router.get('/benchmarks', read('benchmarks', Benchmarks))
  router.put('/benchmarks/:name', write('set_benchmark', Benchmarks))
  router.delete('/benchmarks/:name', read('remove_benchmark', Benchmarks))
  router.get('/metrics', read('metrics', Metrics))
  router.put('/metrics/:name', write('set_metric', CustomMetricInfo))
  router.delete('/metrics/:name', read('remove_metric', MetricRemoved))
  router.get('/segments', read('segments', Segments))
  router.get('/segments/saved', read('saved_segments', SavedSegments))
  router.put('/segments/:name', write('set_segment', SavedSegments))
  router.delete('/segments/:name', read('remove_segment', SavedSegments))
  router.get('/closes', read('closes', Closes))
  router.post('/closes', write('close_period', CloseResult))
  router.get('/closes/:month', read('closed', Restatement))
  router.post('/closes/:month/reopen', write('reopen_period', CloseInfo))
  return router
}
