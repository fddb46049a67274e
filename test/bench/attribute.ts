/**
 * `attribute FILE` from the file to the answer, in a process of its own (architecture.md §8).
 * `node test/bench/attribute.ts [--large]`: 1 M touches, with --large also 10 M.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { attributeFile } from '../../src/attribution/attribute-file/index.ts'
import { randomFrom } from '../../src/attribution/shapley.ts'
import type { Figure } from './figure.ts'

const MODELS = 'first,last,linear,u_position,time_decay,markov_1'
const CHANNELS = [
  ...['direct', 'organic_search', 'paid_search', 'email', 'social', 'display'],
  ...['referral', 'webinar', 'event', 'partner', 'video', 'wechat'],
]
const DAY = 86_400
/** Journeys whose touches lie mixed with each other, as in a log. */
const MIXED = 20_000
/** Runs of a size; the best counts, since other work on the machine only ever adds to a time. */
const RUNS = 3

export async function run({ large }: { large: boolean }): Promise<Figure[]> {
  const small = await measure(1_000_000)
  const figures: Figure[] = [
    { name: 'attribute, 1 M touches CSV', value: small.seconds, unit: 's', target: 2 },
    { name: 'attribute, 1 M touches CSV, peak memory', value: small.megabytes, unit: 'MB' },
  ]
  if (!large) return figures
  const big = await measure(10_000_000)
  return [
    ...figures,
    { name: 'attribute, 10 M touches CSV', value: big.seconds, unit: 's', target: 12 },
    { name: 'attribute, 10 M touches CSV, peak memory', value: big.megabytes, unit: 'MB', target: 2000 },
  ]
}

async function measure(touches: number): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-attribute-'))
  try {
    const file = join(folder, 'touches.csv')
    await generate(file, touches)
    const runs: Measured[] = []
    for (let i = 0; i < RUNS; i++) runs.push(await inChild(file))
    return {
      seconds: Math.min(...runs.map((one) => one.seconds)),
      megabytes: Math.max(...runs.map((one) => one.megabytes)),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Writes the same file every time: about 4.5 touches a journey, a fifth of the journeys convert. */
async function generate(file: string, touches: number): Promise<void> {
  const random = randomFrom(20_260_101)
  const out = createWriteStream(file)
  out.write('journey_id,seq,ts,channel,converted_at,value\n')
  let left = touches
  for (let first = 1; left > 0; first += MIXED) {
    const lines: [place: number, line: string][] = []
    for (let journey = first; journey < first + MIXED && lines.length < left; journey++) {
      for (const line of linesOf(`j${journey}`, random)) lines.push([random(), line])
    }
    lines.length = Math.min(lines.length, left)
    left -= lines.length
    const text = lines.sort(([a], [b]) => a - b).map(([, line]) => line)
    if (!out.write(`${text.join('\n')}\n`)) await once(out, 'drain')
  }
  out.end()
  await finished(out)
}

function linesOf(journey: string, random: () => number): string[] {
  const length = 1 + Math.floor(-Math.log(1 - random()) * 4)
  let ts = 1_700_000_000 + Math.floor(random() * 230 * DAY)
  const touches = Array.from({ length }, (_, i) => {
    ts += Math.floor(random() * 4.5 * DAY)
    return `${journey},${i + 1},${ts},${CHANNELS[Math.floor(random() * random() * CHANNELS.length)]}`
  })
  const end = random() < 0.2 ? `${ts + 3600},${(100 + random() * 9900).toFixed(2)}` : ','
  return touches.map((touch) => `${touch},${end}`)
}

interface Measured {
  readonly seconds: number
  readonly megabytes: number
}

/** A process per run: its peak is its own, and no warm cache of ours helps. */
async function inChild(file: string): Promise<Measured> {
  const child = spawn(process.execPath, [import.meta.filename, '--measure', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`the measured process ended with ${code}`)
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Measured
}

async function measured(file: string): Promise<Measured> {
  const start = performance.now()
  await attributeFile({ file, models: MODELS })
  const seconds = (performance.now() - start) / 1000
  return { seconds, megabytes: (process.resourceUsage().maxRSS * 1024) / 1e6 }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { large: { type: 'boolean', default: false }, measure: { type: 'string' } } })
  if (values.measure) process.stdout.write(JSON.stringify(await measured(values.measure)))
  else console.table(await run(values))
}
