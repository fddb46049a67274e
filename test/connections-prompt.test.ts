import { PassThrough } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'
import { expect, test } from 'vitest'
import { terminalPrompt } from '../src/cli/prompt.ts'

function terminal(isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode: () => input }) as unknown as ReadStream
  const written: string[] = []
  const output = Object.assign(new PassThrough(), { isTTY, columns: 80 }) as unknown as WriteStream
  output.on('data', (chunk: Buffer) => written.push(chunk.toString()))
  return { input, output, shown: () => written.join('') }
}

test('what is typed shows, unless it is a secret', async () => {
  const { input, output, shown } = terminal()
  const prompt = terminalPrompt(new AbortController().signal, input, output)!
  const portal = prompt.ask('Portal: ')
  input.push('77\r')
  expect(await portal).toBe('77')
  expect(shown()).toContain('Portal: ')
  expect(shown()).toContain('77')
  const token = prompt.ask('Token: ', true)
  input.push(' S3cr3t')
  input.push('-canary \r')
  expect(await token).toBe('S3cr3t-canary')
  expect(shown()).toContain('Token: ')
  expect(shown()).not.toContain('S3cr3t')
  expect(shown()).not.toContain('canary')
})

test('nobody is asked where nobody is, and an end of the command ends the question', async () => {
  const off = terminal(false)
  expect(terminalPrompt(new AbortController().signal, off.input, off.output)).toBeUndefined()
  const { input, output } = terminal()
  const stopping = new AbortController()
  const answer = terminalPrompt(stopping.signal, input, output)!.ask('Portal: ')
  stopping.abort()
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
})
