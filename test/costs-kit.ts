import { expect } from 'vitest'
import { parseRequest } from '../src/cli/request.ts'
import { isRoiError, LOCALES } from '../src/errors.ts'
import type { Settings } from '../src/model/settings.ts'
import { createServices, type ProductEnv } from '../src/server/product.ts'
import type { CommandName } from '../src/server/requests.ts'
import { type Answers, QUIET, type Services } from '../src/server/services.ts'
import { actingAs } from '../src/state/actor.ts'
import { openPlace, type Place } from './import-kit.ts'
import type { Engine } from './support/databases.ts'

/** A workspace with the commands of the product over it, without a server. */
export interface Desk extends Place {
  readonly services: Services
  /** Runs a command as it is written: defaults are filled in. */
  run<Name extends CommandName>(name: Name, ask?: object): Promise<Answers[Name]>
}

export async function openDesk(engine: Engine, settings: Partial<Settings> = {}): Promise<Desk> {
  const place = await openPlace(engine, settings)
  return { ...place, ...commandsOf(place) }
}

/** The commands over stores that are open. */
export function commandsOf(place: Place): Pick<Desk, 'services' | 'run'> {
  const { env } = place
  const product = {
    ...env,
    demo: false,
    template: () => '',
    sources: {},
    connectors: async () => [],
    log: () => {},
  } as unknown as ProductEnv
  const services = createServices(product)
  return {
    services,
    run(name, ask = {}) {
      const method = services[name] as (ask: unknown, feedback: typeof QUIET) => Promise<never>
      return actingAs('user:li', () => method(parseRequest(name, ask as never), QUIET))
    },
  }
}

/** The code of a refusal, which says in both languages what is wrong and what to do. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isRoiError(error)) throw new Error(`no refusal: ${String(error)}`)
  for (const locale of LOCALES) expect(error.describe(locale).length).toBeGreaterThan(10)
  expect(error.remedy).toBeDefined()
  return error.code
}
