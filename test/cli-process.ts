import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../src/cli.ts', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The environment of a user: nothing of the test runner's, English, a port of its own. */
function environment(more: Record<string, string>): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env
  return { PATH, HOME, ...(TMPDIR && { TMPDIR }), LANG: 'C.UTF-8', PORT: '0', ...more }
}

/** Runs a command to its end as a user would. */
export async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const child = start(args, env)
  return child.ended
}

export interface Started {
  readonly process: ChildProcess
  readonly ended: Promise<Ran>
  /** Resolves with the address that the command prints. */
  readonly url: Promise<string>
}

/** Starts a command that goes on, such as `serve`. */
export function start(args: readonly string[], env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [CLI, ...args], { env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  let found: (url: string) => void
  const url = new Promise<string>((resolve) => {
    found = resolve
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    const match = /http:\/\/[^\s"]+/.exec(out)
    if (match) found(match[0])
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  const ended = new Promise<Ran>((resolve) => child.once('close', (code) => resolve({ code, out, err })))
  const early = ended.then((ran): never => {
    throw new Error(`the command ended before it served: ${ran.err}`)
  })
  const address = Promise.race([url, early])
  // Commands that are not meant to serve never ask for it.
  address.catch(() => undefined)
  return { process: child, ended, url: address }
}
