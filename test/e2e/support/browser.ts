import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * Starts the browser of this machine: `CHROMIUM_PATH`, a Chromium or Chrome on the path, the one Playwright may have
 * brought, else the binary inside `@sparticuz/chromium`. Nothing is downloaded.
 */
export async function launchBrowser(): Promise<Browser> {
  const { path, args } = await findBrowser()
  return chromium.launch({ executablePath: path, args: [...ARGS, ...args] })
}

async function findBrowser(): Promise<{ path: string; args: readonly string[] }> {
  const own = process.env.CHROMIUM_PATH
  if (own) return { path: own, args: [] }
  const directories = (process.env.PATH ?? '').split(delimiter)
  const candidates = [...NAMES.flatMap((name) => directories.map((directory) => join(directory, name))), MAC]
  const system = [...candidates, chromium.executablePath()].find((path) => path && existsSync(path))
  if (system) return { path: system, args: [] }
  const { default: packaged } = await import('@sparticuz/chromium')
  return { path: await packaged.executablePath(), args: packaged.args }
}
