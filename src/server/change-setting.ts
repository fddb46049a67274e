import { recompute } from '../attribution/recompute.ts'
import { goesByLedger } from '../attribution/spend.ts'
import { convertedThresholds } from '../model/benchmarks.ts'
import { LEDGER_SETTINGS, type SettingKey, type Settings, SPEND_SETTINGS, type Workspace } from '../model/settings.ts'
import { checkSetting, parseSetting, settingKey } from '../state/settings.ts'
import { applyChannelSettings } from '../sync/channel-settings.ts'
import type { ImportEnv } from '../sync/import.ts'
import { markAll } from '../sync/remove.ts'
import { attributionSettings } from '../sync/workspace.ts'
import { checkCurrency } from './closed-currency.ts'
import type { Answers } from './services.ts'

/** Settings whose effect is written beside each channel and touch. */
const CHANNEL_SETTINGS: ReadonlySet<string> = new Set(['direct_channels', 'custom_weights', 'channel_rules'])

type Env = Pick<ImportEnv, 'database' | 'state'>

/**
 * Changes a setting and brings everything that depends on it up to date.
 * @param value text as typed on a command line, or JSON
 * @param reason why, for the version of the configuration that this makes
 * @throws RoiError `unknown_setting`, `bad_setting`, `currency_locked`
 */
export async function changeSetting(
  env: Env,
  workspace: Workspace,
  name: string,
  value: unknown,
  reason?: string,
): Promise<Answers['set']> {
  const key = settingKey(name)
  const wanted = typeof value === 'string' ? parseSetting(key, value).value : checkSetting(key, value)
  if (key === 'currency') await checkCurrency(env.state, workspace, wanted as string)
  const change = () => env.state.changeSetting(workspace.tenant, key, wanted, reason)
  const recomputed = await changing(env, workspace, [key], change)
  const done = { key, value: wanted, recomputed }
  if (key !== 'convention' && key !== 'thresholds') return done
  const shown = convertedThresholds({ ...workspace.settings, [key]: wanted })
  return shown.length > 0 ? { ...done, shown } : done
}

/**
 * Does what changes settings, and brings everything that depends on them up to date.
 * @param change @returns false when they had these values already
 * @returns whether anything was worked out anew
 */
export async function changing(
  { database, state }: Env,
  { tenant, key: workspace, settings }: Workspace,
  keys: readonly SettingKey[],
  change: () => Promise<boolean>,
): Promise<boolean> {
  const reach = keys.map((key) => touchedBy(key, settings))
  const touched = reach.find((one) => one === 'all') ?? reach.find((one) => one !== null)
  // Noted first: should we be ended in between, the next read of a figure recomputes with whatever is set by then.
  if (touched) await database.write((tx) => markAll(tx, tenant, touched))
  const changed = await change()
  if (!touched) return false
  const now = await state.findWorkspace(workspace)
  if (!now) throw new Error(`workspace ${workspace} is gone`)
  const channels = keys.some((key) => CHANNEL_SETTINGS.has(key))
  if (changed && channels) await applyChannelSettings({ database, state }, now)
  else await recompute(database, tenant, attributionSettings(now.settings))
  return changed
}

/** What of the store a setting decides: everything, spend, or nothing. */
function touchedBy(key: SettingKey, { shared_cost_rules }: Settings): 'all' | 'spend' | null {
  if (LEDGER_SETTINGS.has(key)) return 'all'
  if (!SPEND_SETTINGS.has(key)) return null
  return key === 'shared_cost_rules' || goesByLedger(shared_cost_rules) ? 'spend' : null
}
