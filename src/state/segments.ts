import { RoiError } from '../errors.ts'
import type { Filter } from '../model/rules.ts'
import type { VersionState } from './versions.ts'

/** A part of the data under a name (F94): conditions, all of which must hold. */
export interface SavedSegment {
  readonly name: string
  readonly where: Filter
}

/** The part of the state store about saved segments. Names are compared without regard to case. */
export interface SegmentState {
  /** By name. */
  segments(tenant: number): Promise<readonly SavedSegment[]>
  /** Saves a segment, or replaces the one of this name; audited, and makes a version of the configuration. @returns false when nothing changed */
  saveSegment(tenant: number, segment: SavedSegment, reason?: string): Promise<boolean>
  /** @throws RoiError `unknown_segment` */
  removeSegment(tenant: number, name: string, reason?: string): Promise<void>
}

export function segmentStore({ definitions, define }: VersionState): SegmentState {
  const find = async (tenant: number, name: string) => {
    const all = await definitions(tenant, 'segment')
    return all.find((one) => one.name.toLowerCase() === name.toLowerCase())
  }
  return {
    async segments(tenant) {
      const all = await definitions(tenant, 'segment')
      return all.map(({ name, body }) => ({ name, where: body.where }))
    },

    async saveSegment(tenant, { name, where }, reason) {
      const known = await find(tenant, name)
      return define(tenant, 'segment', known?.name ?? name, { where }, reason)
    },

    async removeSegment(tenant, name, reason) {
      const known = await find(tenant, name)
      if (!known) throw unknownSegment(name)
      await define(tenant, 'segment', known.name, undefined, reason)
    },
  }
}

function unknownSegment(name: string): RoiError {
  return new RoiError(
    'not_found',
    'unknown_segment',
    { en: `There is no segment "${name.slice(0, 80)}".`, 'zh-CN': `没有名为“${name.slice(0, 80)}”的分群。` },
    { en: 'See "segments list".', 'zh-CN': '请查看 “segments list”。' },
  )
}
