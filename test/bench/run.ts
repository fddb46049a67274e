import { readFile, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { run as attributeFigures } from './attribute.ts'
import { type Figure, ratioOf } from './figure.ts'
import { importFigures } from './import.ts'
import { metricFigures } from './metrics.ts'
import { storeFigures } from './store.ts'
import { syncFigures } from './sync.ts'
import { webhookFigures } from './webhooks.ts'
import { liveFigures } from './webhooks-live.ts'

/**
 * `npm run bench [-- --large] [-- --only store|attribute|import|sync|webhooks|metrics]`: prints every figure with its target and
 * writes bench-results.json. `--large` adds the sizes of 10 M touches and 1 M contacts. What was not measured this time keeps its
 * figure and its date. `--only metrics --touches N` tries another size and writes nothing.
 */
const { values } = parseArgs({
  options: { large: { type: 'boolean' }, only: { type: 'string' }, touches: { type: 'string' } },
})
const large = values.large ?? false
const touches = values.touches === undefined ? undefined : Number(values.touches)
const groups: Record<string, () => Promise<readonly Figure[]>> = {
  store: async () => [...(await storeFigures('1M')), ...(large ? await storeFigures('10M') : [])],
  import: () => importFigures(),
  attribute: () => attributeFigures({ large }),
  sync: () => syncFigures(large),
  metrics: () => metricFigures(large, touches),
  webhooks: async () => [...(await webhookFigures()), ...(await liveFigures())],
}
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory_gb: Math.round(totalmem() / 2 ** 30),
}
console.log(`${machine.cores} cores, ${machine.cpu}, ${machine.memory_gb} GB, Node ${process.version}\n`)
const figures: (Figure & { measured_at: string })[] = []
const measured_at = new Date().toISOString()
for (const [name, measure] of Object.entries(groups)) {
  if (values.only && values.only !== name) continue
  console.log(name)
  for (const figure of await measure()) {
    figures.push({ ...figure, measured_at })
    const ratio = ratioOf(figure)
    const target =
      figure.target === undefined
        ? ''
        : `target ${figure.target} ${figure.unit}  ${ratio! <= 1 ? '✓' : '✗'} x${ratio!.toFixed(2)}`
    console.log(`  ${figure.name.padEnd(96)} ${format(figure.value).padStart(12)} ${figure.unit.padEnd(6)} ${target}`)
  }
}
const measured = new Set(figures.map(({ name }) => name))
const kept = (await earlier()).filter(({ name }) => !measured.has(name))
const all = { node: process.version, machine, figures: [...kept, ...figures] }
if (touches === undefined) await writeFile('bench-results.json', `${JSON.stringify(all, null, 2)}\n`)

async function earlier(): Promise<(Figure & { measured_at: string })[]> {
  const text = await readFile('bench-results.json', 'utf8').catch(() => '{"figures":[]}')
  const { measured_at = '', figures } = JSON.parse(text) as {
    measured_at?: string
    figures: (Figure & { measured_at?: string })[]
  }
  return figures.map((figure) => ({ ...figure, measured_at: figure.measured_at ?? measured_at }))
}

function format(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1)
}
