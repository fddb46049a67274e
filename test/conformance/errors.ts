import { describe, expect, test } from 'vitest'
import { ConnectorError, type Remedy } from '../../src/errors.ts'
import type { Connector } from '../../src/sync/contract.ts'
import { status } from '../fakes/faults.ts'
import { openScene } from './reading.ts'
import type { OpenWorld } from './world.ts'

/** Statuses any source may answer with, whether its connector names them or not. */
const STATUSES = [
  400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 422, 423, 425, 429, 451, 500, 502, 503, 504, 520, 599,
]
const REMEDIES: readonly Remedy[] = ['fix-settings', 'wait', 'retry', 'report']

/** Every way a source refuses leads to what helps. */
export function errorTests(connector: Connector, open: OpenWorld): void {
  const named = Object.entries(connector.errors)
  const statuses = new Set([...STATUSES, ...named.map(([code]) => Number(code)).filter((code) => code >= 100)])

  async function remedyOf(code: number, body?: unknown): Promise<ConnectorError> {
    const { context, world } = await openScene(connector, open)
    world.fake.faults.always({}, status(code, body === undefined ? {} : { body }))
    const error: unknown = await connector.check(context).then(
      () => new Error(`${code} was taken for an answer`),
      (failure) => failure,
    )
    expect(error).toBeInstanceOf(ConnectorError)
    return error as ConnectorError
  }

  test('every status has a remedy', async () => {
    for (const code of statuses) {
      const { remedy } = await remedyOf(code)
      expect(REMEDIES, `${code}`).toContain(remedy)
      if (connector.errors[code]) expect(remedy, `${code}`).toBe(connector.errors[code])
    }
  })

  describe('every code of the error table has an answer that shows it', () => {
    const codes = named.filter(([code]) => !/^\d+$/.test(code))
    if (codes.length === 0) test.skip('it names none')
    for (const [code, remedy] of codes) {
      test(code, async () => {
        const { world } = await openScene(connector, open)
        const refusal = world.refusals[code]
        expect(refusal, `the world has no refusal ${code}`).toBeDefined()
        const error = await remedyOf(refusal!.status, refusal!.body)
        expect([error.code, error.remedy]).toEqual([code, remedy])
      })
    }
  })

  test('bad credentials are refused with a remedy, and the credentials are not repeated', async () => {
    const { context, world } = await openScene(connector, open, await badSettings(open))
    const error: unknown = await connector.check(context).catch((failure) => failure)
    expect(error).toBeInstanceOf(ConnectorError)
    expect((error as ConnectorError).remedy).toBe('fix-settings')
    for (const value of Object.values(world.badSettings)) expect((error as Error).message).not.toContain(String(value))
  })
}

async function badSettings(open: OpenWorld) {
  const world = await open({ now: () => 0 })
  await world.fake.close()
  return world.badSettings
}
