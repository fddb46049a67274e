import { RoiError } from '../errors.ts'
import type { CustomMetric, Definition } from '../state/definitions.ts'
import { type Node, namesIn, parseExpression } from './custom-parse.ts'
import { measureOf, type Unit } from './custom-units.ts'
import { evaluate, type Given } from './custom-value.ts'
import { ENTRY_NAMES } from './dictionary/entries.ts'
import { type Basis, METRICS, type Metric, type MetricId } from './dictionary.ts'
import type { Result } from './formulas.ts'

/** A metric of a workspace's own (F77), as it is stored. */
export type CustomDefinition = Pick<Definition<'metric'>, 'name' | 'body'>

/** Values of a workspace's own metrics by name, in the order of the names. */
export type CustomValues = ReadonlyMap<string, { readonly unit: Unit; readonly result: Result<string | number> }>

const NAME = /^[a-z][a-z0-9_]{0,39}$/
/** Names that mean something else in an expression. */
const TAKEN = new Set(['min', 'max', 'abs', 'round', 'if', 'true', 'false', 'null', 'this'])

/** Metrics over all models at once: a report knows one. */
const OVER_MODELS: ReadonlySet<string> = new Set<MetricId>(['spread'])

/**
 * The metric that a new or changed definition makes, together with those there are.
 * @throws RoiError `bad_metric_name`, `bad_expression`, `unknown_metric`, `ambiguous_metric`, `metric_units`, `metric_constant`,
 *   `metric_cycle`, `metric_used` where one built upon it would no longer make sense
 */
export function checkCustom(
  name: string,
  { expression, label }: { readonly expression: string; readonly label: string | null },
  others: readonly CustomDefinition[],
): CustomMetric {
  const taken = TAKEN.has(name) || ENTRY_NAMES.some((known) => known === name)
  if (!NAME.test(name) || taken || isId(name)) throw badName(name)
  const rest = others.filter((one) => one.name !== name)
  const library = new Library([...rest, { name, body: { expression, label, unit: 'ratio' } }])
  const unit = library.unitOf(name)
  const checked = new Library([...rest, { name, body: { expression, label, unit } }])
  for (const other of rest) {
    if (unitWithin(checked, other) !== other.body.unit) throw used(name, other.name)
  }
  return { expression: expression.trim(), label, unit }
}

/** @throws RoiError `metric_used` while another one is built upon it */
export function checkRemoval(name: string, all: readonly CustomDefinition[]): void {
  const user = all.find((one) => one.name !== name && namesIn(parseExpression(one.body.expression)).has(name))
  if (user) throw used(name, user.name)
}

/** The values of a workspace's own metrics for a group, or for a total: always from its sums, never from ratios of its parts. */
export function customValues(definitions: readonly CustomDefinition[], basis: Basis): CustomValues {
  return customValuesOf(definitions, (metric) => metric.value(basis), basis.currency)
}

/** The same from values somebody else worked out. @param ask value of one of the program's metrics */
export function customValuesOf(
  definitions: readonly CustomDefinition[],
  ask: (metric: Metric, id: MetricId) => Result<string | number>,
  currency: string,
): CustomValues {
  const library = new Library(definitions)
  const known = new Map<string, Given>()
  const given = (name: string): Given => {
    let value = known.get(name)
    if (!value) {
      const own = library.nodes.get(name)
      if (own) {
        const unit = library.unitOf(name)
        value = { unit, result: evaluate(own, unit, given, currency) }
      } else {
        const id = builtIn(name)
        value = { unit: METRICS[id].unit, result: ask(METRICS[id], id) }
      }
      known.set(name, value)
    }
    return value
  }
  return new Map(definitions.map(({ name }) => [name, given(name)]))
}

/** Names that expressions may use, with their numbers in the book of metrics, labels and units. */
export function metricNames(): readonly { readonly name: MetricId; readonly metric: Metric }[] {
  return (Object.entries(METRICS) as [MetricId, Metric][])
    .filter(([name]) => !OVER_MODELS.has(name))
    .map(([name, metric]) => ({ name, metric }))
}

/** Metrics of a workspace's own with what they come out in. */
class Library {
  readonly nodes: ReadonlyMap<string, Node>
  readonly #units = new Map<string, Unit>()

  constructor(definitions: readonly CustomDefinition[]) {
    this.nodes = new Map(definitions.map(({ name, body }) => [name, parseExpression(body.expression)]))
  }

  /** @throws RoiError `metric_cycle`, `unknown_metric`, `ambiguous_metric`, `metric_units`, `metric_constant` */
  unitOf(name: string, within: readonly string[] = []): Unit {
    const node = this.nodes.get(name)
    if (!node) return METRICS[builtIn(name, [...this.nodes.keys()])].unit
    if (within.includes(name)) throw cycle([...within, name])
    const known = this.#units.get(name)
    if (known) return known
    const names = namesIn(node)
    if (names.size === 0) throw constant()
    const measure = measureOf(node, (other) => this.unitOf(other, [...within, name]))
    if (measure === 'truth') throw noValue()
    const unit = measure === 'number' ? 'ratio' : measure
    this.#units.set(name, unit)
    return unit
  }
}

function unitWithin(library: Library, { name }: CustomDefinition): Unit | undefined {
  try {
    return library.unitOf(name)
  } catch (error) {
    if (error instanceof RoiError && error.code === 'metric_cycle') throw error
    return undefined
  }
}

function isId(name: string): boolean {
  return /^m\d+$/i.test(name)
}

/** One of the program's metrics by its name, or by its number where that means one alone. */
function builtIn(name: string, own: readonly string[] = []): MetricId {
  if (Object.hasOwn(METRICS, name) && !OVER_MODELS.has(name)) return name as MetricId
  const ofId = metricNames().filter(({ metric }) => metric.id === name.toUpperCase())
  // M8 is what a lead costs, not how many leads there are.
  const main = ofId.filter(({ metric }) => metric.unit !== 'count')
  const found = main.length > 0 ? main : ofId
  if (found.length === 1) return found[0]!.name
  if (found.length > 1) throw ambiguous(name, found)
  throw unknownMetric(name, [...own, ...metricNames().map((one) => one.name)])
}

function badName(name: string): RoiError {
  return new RoiError(
    'usage',
    'bad_metric_name',
    { en: `"${name.slice(0, 60)}" cannot name a metric.`, 'zh-CN': `“${name.slice(0, 60)}”不能作为指标名称。` },
    {
      en: 'Use up to 40 lower-case letters, digits and "_", starting with a letter, and no name or number of a metric there is.',
      'zh-CN': '请使用最多 40 个小写字母、数字或“_”，以字母开头，且不能与已有指标的名称或编号相同。',
    },
  )
}

function unknownMetric(name: string, known: readonly string[]): RoiError {
  return new RoiError(
    'usage',
    'unknown_metric',
    { en: `There is no metric "${name.slice(0, 60)}".`, 'zh-CN': `没有名为“${name.slice(0, 60)}”的指标。` },
    { en: `Use one of: ${known.join(', ')}.`, 'zh-CN': `可用的指标：${known.join('、')}。` },
  )
}

function ambiguous(id: string, found: readonly { readonly name: string }[]): RoiError {
  const names = found.map(({ name }) => name)
  return new RoiError(
    'usage',
    'ambiguous_metric',
    { en: `${id.toUpperCase()} means several metrics.`, 'zh-CN': `${id.toUpperCase()} 对应多个指标。` },
    { en: `Name one: ${names.join(', ')}.`, 'zh-CN': `请写明名称：${names.join('、')}。` },
  )
}

function constant(): RoiError {
  return new RoiError(
    'usage',
    'metric_constant',
    { en: 'The expression names no metric.', 'zh-CN': '表达式中没有指标。' },
    { en: 'Name at least one, such as revenue / cost.', 'zh-CN': '请至少使用一个指标，例如 revenue / cost。' },
  )
}

function noValue(): RoiError {
  return new RoiError(
    'usage',
    'metric_units',
    { en: 'The expression is true or false, and no value.', 'zh-CN': '表达式的结果是真或假，不是数值。' },
    { en: 'Write if(condition, value, other value).', 'zh-CN': '请写成 if(条件, 值, 另一个值)。' },
  )
}

function cycle(path: readonly string[]): RoiError {
  const text = path.join(' → ')
  return new RoiError(
    'usage',
    'metric_cycle',
    { en: `The metric would be built upon itself: ${text}.`, 'zh-CN': `指标会引用自身：${text}。` },
    { en: 'Take one of them out of the expression.', 'zh-CN': '请从表达式中去掉其中一个。' },
  )
}

function used(name: string, by: string): RoiError {
  return new RoiError(
    'usage',
    'metric_used',
    { en: `${by} is built upon ${name}.`, 'zh-CN': `${by} 引用了 ${name}。` },
    { en: `Change or remove ${by} first.`, 'zh-CN': `请先修改或删除 ${by}。` },
  )
}
