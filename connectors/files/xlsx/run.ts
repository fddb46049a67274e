import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { RoiError } from '../../../src/errors.ts'
import type { Open } from '../encoding.ts'
import { say } from '../words.ts'
import { problemError, SAVE_AS, tooLarge } from './problems.ts'
import { type Facts, type Job, LIMITS, type Report } from './protocol.ts'

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))
/** Of what a dying process prints, as much as tells why. */
const LAST_WORDS = 65_536

export interface RunOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds. */
  readonly time?: number
  /** Megabytes. */
  readonly memory?: number
}

/**
 * Reads a workbook in a process of its own and hands over what that prints. The process ends with this call, however
 * it ends. It has no environment, and may neither write files nor start others.
 * @throws RoiError for a workbook that is refused, or was too much for the limits
 */
export async function runChild(
  open: Open,
  job: Job,
  onOutput: (chunk: Buffer) => Promise<void>,
  { signal, time = LIMITS.time, memory = LIMITS.memory }: RunOptions = {},
): Promise<Facts> {
  signal?.throwIfAborted()
  const source = await open()
  const flags = [`--max-old-space-size=${memory}`, '--no-warnings', '--permission', '--allow-fs-read=*']
  const child = spawn(process.execPath, [...flags, CHILD, JSON.stringify(job)], {
    env: {},
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  })
  let late = false
  const kill = () => void child.kill('SIGKILL')
  const timer = setTimeout(() => {
    late = true
    kill()
  }, time)
  signal?.addEventListener('abort', kill)
  // What goes wrong with the process or its pipes shows in how it ends, and must not end this one.
  for (const emitter of [child, child.stdin, child.stderr]) emitter.on('error', () => {})
  const closed = (once(child, 'close') as Promise<[number | null]>).catch((cause) => [cause as Error] as const)
  const words = lastWords(child.stderr).catch(() => '')
  try {
    // Kept until the end: why the input could not be read counts only when that is what went wrong.
    const fed = feed(source, child.stdin).catch((error: unknown) => ({ error }))
    for await (const chunk of child.stdout) await onOutput(chunk as Buffer)
    const [code] = await closed
    const feeding = await fed
    signal?.throwIfAborted()
    if (late) throw tooSlow(time)
    if (feeding && !isBrokenPipe(feeding.error)) throw feeding.error
    return factsOf(await words, code)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', kill)
    kill()
    source.destroy()
    await closed
  }
}

async function feed(source: Readable, target: NodeJS.WritableStream): Promise<undefined> {
  let size = 0
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      size += chunk.length
      if (size > LIMITS.file) throw fileTooLarge()
      yield chunk
    }
  }
  await pipeline(source, counted, target)
}

/** The other side has enough: it says why. */
function isBrokenPipe(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'EPIPE' || code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'EOF'
}

async function lastWords(stream: Readable): Promise<string> {
  let text = ''
  for await (const chunk of stream) text = (text + String(chunk)).slice(-LAST_WORDS)
  return text
}

function factsOf(words: string, code: number | Error | null): Facts {
  const line = words
    .split('\n')
    .findLast((one) => one.startsWith('{"'))
    ?.trim()
  const report = line === undefined ? undefined : (JSON.parse(line) as Report)
  if (report && 'problem' in report) throw problemError(report.problem)
  if (report && code === 0) return report.ok
  if (/heap out of memory|allocation failed/i.test(words)) {
    throw tooLarge('The workbook needs more memory than it may take.', '读取该工作簿所需的内存超过上限。')
  }
  const cause = code instanceof Error ? code : new Error(words.slice(0, 2000))
  const how = code instanceof Error ? code.message : (code ?? 'killed')
  throw new RoiError(
    'failure',
    'workbook_failed',
    say(`Reading the workbook failed (${how}).`, `读取工作簿失败（${how}）。`),
    SAVE_AS,
    { cause },
  )
}

function tooSlow(time: number): RoiError {
  const seconds = Math.round(time / 1000)
  return new RoiError(
    'usage',
    'workbook_too_slow',
    say(`Reading the workbook took longer than ${seconds} s.`, `读取工作簿超过 ${seconds} 秒。`),
    SAVE_AS,
  )
}

function fileTooLarge(): RoiError {
  const size = LIMITS.file / 1_000_000
  return tooLarge(`The workbook is larger than ${size} MB.`, `工作簿超过 ${size} MB。`)
}
