import { z } from 'zod'
import { MetricUnit } from '../api.ts'
import { Benchmark } from '../model/benchmarks.ts'
import { Filter } from '../model/rules.ts'
import { currentActor } from './actor.ts'
import type { Sql } from './sql.ts'

/** A metric of the workspace's own, over others (F77). */
export const CustomMetric = z.strictObject({
  expression: z.string().min(1).max(500),
  /** What people see; null = the name. */
  label: z.string().min(1).max(100).nullable().default(null),
  /** What the expression comes out in. */
  unit: MetricUnit,
})
export type CustomMetric = z.infer<typeof CustomMetric>

/** A part of the data under a name (F94): conditions, all of which must hold. */
export const Segment = z.strictObject({ where: Filter.min(1).max(10) })
export type Segment = z.infer<typeof Segment>

/** One of the program's that people took away. */
const Removed = z.strictObject({ removed: z.literal(true) })

/** What people define beside the settings. */
export const DEFINITIONS = { metric: CustomMetric, benchmark: z.union([Benchmark, Removed]), segment: Segment } as const
export type DefinitionKind = keyof typeof DEFINITIONS
export type DefinitionBody<Kind extends DefinitionKind> = z.output<(typeof DEFINITIONS)[Kind]>

/** A definition as it is now. */
export interface Definition<Kind extends DefinitionKind = DefinitionKind> {
  readonly kind: Kind
  readonly name: string
  readonly body: DefinitionBody<Kind>
  /** Counts its changes, from 1. */
  readonly version: number
  readonly at: Date
  /** Who made it so (see {@link currentActor}); null = the program by itself. */
  readonly actor: string | null
}

interface Row {
  readonly kind: DefinitionKind
  readonly name: string
  readonly version: number
  readonly at: string
  readonly actor: string | null
  readonly body: string
}

/** Definitions of a workspace, by kind and name. */
export async function readDefinitions(sql: Sql, tenant: number): Promise<Definition[]> {
  const rows = await sql.all<Row>(
    'SELECT kind, name, version, at, actor, body FROM definition WHERE tenant_id = $1',
    tenant,
  )
  return rows
    .map(({ kind, name, version, at, actor, body }) => ({
      kind,
      name,
      body: DEFINITIONS[kind].parse(JSON.parse(body)),
      version: Number(version),
      at: new Date(at),
      actor,
    }))
    .sort((a, b) => (`${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1))
}

/** Makes a definition, or replaces one; undefined removes it. Only inside a transaction. @returns false when nothing changed */
export async function writeDefinition<Kind extends DefinitionKind>(
  sql: Sql,
  at: string,
  { tenant, kind, name, body }: Written<Kind>,
): Promise<boolean> {
  const [known] = await sql.all<Pick<Row, 'version' | 'body'>>(
    'SELECT version, body FROM definition WHERE tenant_id = $1 AND kind = $2 AND name = $3',
    tenant,
    kind,
    name,
  )
  const text = body === undefined ? null : JSON.stringify(DEFINITIONS[kind].parse(body))
  if ((known?.body ?? null) === text) return false
  await sql.run('DELETE FROM definition WHERE tenant_id = $1 AND kind = $2 AND name = $3', tenant, kind, name)
  if (text === null) return true
  const version = Number(known?.version ?? 0) + 1
  await sql.run(
    'INSERT INTO definition (tenant_id, kind, name, version, at, actor, body) VALUES ($1, $2, $3, $4, $5, $6, $7)',
    tenant,
    kind,
    name,
    version,
    at,
    currentActor(),
    text,
  )
  return true
}

export interface Written<Kind extends DefinitionKind = DefinitionKind> {
  readonly tenant: number
  readonly kind: Kind
  readonly name: string
  /** Undefined removes it. */
  readonly body: DefinitionBody<Kind> | undefined
}
