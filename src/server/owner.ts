import { randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { z } from 'zod'

/**
 * `DATA/owner.json`: how the commands of this machine find the `serve` that has the data directory open. Readable by
 * its user only; whoever has the token may run any command.
 */
export const Owner = z.object({
  /** Port on 127.0.0.1 of the internal listener. */
  port: z.int().min(1).max(65_535),
  token: z.string().min(32),
  pid: z.int(),
  /** Address of the panel, for messages. */
  url: z.string().nullable(),
})
export type Owner = z.infer<typeof Owner>

const file = (dataDir: string) => join(dataDir, 'owner.json')

export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** True when the header carries the token; takes equally long for every wrong one. */
export function isAuthorized(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** Makes the owner known. Complete or not there at all: a reader never sees half of it. */
export async function writeOwner(dataDir: string, owner: Owner): Promise<void> {
  const draft = `${file(dataDir)}.${owner.pid}`
  await writeFile(draft, JSON.stringify(owner), { mode: 0o600 })
  await rename(draft, file(dataDir))
}

/** Forgets the owner, unless another one has taken over. */
export async function removeOwner(dataDir: string, token: string): Promise<void> {
  if ((await readOwner(dataDir))?.token === token) await rm(file(dataDir), { force: true })
}

async function readOwner(dataDir: string): Promise<Owner | undefined> {
  try {
    return Owner.parse(JSON.parse(await readFile(file(dataDir), 'utf8')))
  } catch {
    // Not there, of another version or damaged: nobody to ask. The lock of the store decides then.
    return undefined
  }
}

/** The owner of a data directory when it is alive and knows its token. A file left behind by a crash is ignored. */
export async function findOwner(dataDir: string): Promise<Owner | undefined> {
  const owner = await readOwner(dataDir)
  return owner && (await ping(owner)) ? owner : undefined
}

function ping({ port, token, pid }: Owner): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}` }
    const call = request({ host: '127.0.0.1', port, path: '/internal/v1/ping', headers, timeout: 2000, agent: false })
    call.once('timeout', () => call.destroy())
    call.once('error', () => resolve(false))
    call.once('response', async (response) => {
      try {
        const body: unknown = JSON.parse(Buffer.concat(await response.toArray()).toString())
        resolve(response.statusCode === 200 && z.object({ pid: z.literal(pid) }).safeParse(body).success)
      } catch {
        resolve(false)
      }
    })
    call.end()
  })
}
