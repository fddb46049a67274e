import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'

/** A person at a terminal who can be asked. Questions go where messages go: standard output belongs to data. */
export interface Prompt {
  /** @param hidden what is typed does not show, for secrets */
  ask(question: string, hidden?: boolean): Promise<string>
}

/** The person at this terminal; undefined when nobody is there to answer. */
export function terminalPrompt(
  signal: AbortSignal,
  input: ReadStream = process.stdin,
  output: WriteStream = process.stderr,
): Prompt | undefined {
  if (!input.isTTY || !output.isTTY) return undefined
  return {
    async ask(question, hidden = false) {
      let silent = false
      const shown = new Writable({
        write(chunk, _encoding, done) {
          if (!silent) output.write(chunk)
          done()
        },
      })
      const lines = createInterface({ input, output: shown, terminal: true, historySize: 0 })
      // At a terminal in raw mode Ctrl-C is a key like others.
      lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
      try {
        const answer = lines.question(question, { signal })
        silent = hidden
        return (await answer).trim()
      } finally {
        lines.close()
        if (hidden) output.write('\n')
      }
    },
  }
}
