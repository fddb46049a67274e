import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Request, Router } from 'express'
import { z } from 'zod'
import { ImportResult } from '../api.ts'
import { RoiError } from '../errors.ts'
import { parse } from './parse.ts'
import { Refusal } from './problems.ts'
import { REQUESTS, UploadQuery } from './requests.ts'
import { query, sendJson } from './routes.ts'
import { QUIET, type Services } from './services.ts'

/** Largest file taken in one request, bytes. */
export const MAX_UPLOAD = 1024 ** 3
/** In this many milliseconds at least that many bytes must arrive, or the sender is given up. */
const STALL_MS = 30_000
const STALL_BYTES = 16 * 1024

export const UndoAnswer = z.object({ id: z.string(), removed: z.number(), restored: z.number() })

/**
 * The writes of the panel API.
 *
 * - `POST /imports?workspace&name&type&date_format&dry_run&locale`: the body is the file itself
 *   (`application/octet-stream`, up to 1 GiB → 413). Answers ImportResult; 200 also when rows were refused, they are
 *   listed. `name` is what the file is called, for messages and to tell its type; no file of that name is touched.
 * - `POST /imports/:id/undo?workspace`: takes an import back. Answers `{id, removed, restored}` in records.
 */
export function writeRoutes(services: Services, folder: string): Router {
  const router = Router()
  router.post('/imports', async (request, response) => {
    const { name, ...ask } = parse(UploadQuery, query(request))
    checkBody(request)
    response.locals.upload = true
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const path = join(folder, `${randomUUID()}.upload`)
    try {
      await receive(request, path)
      const files = [{ path, name: plainName(name) }]
      const feedback = { ...QUIET, signal: gone.signal }
      sendJson(response, ImportResult, await services.import({ ...ask, files }, feedback))
    } finally {
      await rm(path, { force: true })
    }
  })
  router.post('/imports/:id/undo', async (request, response) => {
    const ask = parse(REQUESTS.undo, { ...query(request), id: request.params.id })
    sendJson(response, UndoAnswer, await services.undo(ask, QUIET))
  })
  return router
}

/** The last part of whatever the browser calls the file, without control characters. Only ever shown, never opened. */
function plainName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  return basename(name.replaceAll('\\', '/').replaceAll(/[\u0000-\u001f\u007f]/g, '')) || 'upload.csv'
}

function checkBody(request: Request): void {
  if (Number(request.headers['content-length'] ?? 0) > MAX_UPLOAD) throw tooLarge()
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    throw new Refusal(415, 'compressed_body', {
      en: 'Send the file without content encoding.',
      'zh-CN': '请不要压缩后发送文件。',
    })
  }
}

/** Writes the body to disk as it arrives. */
async function receive(request: Request, path: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
  let size = 0
  let seen = 0
  const watch = setInterval(() => {
    if (size - seen < STALL_BYTES && !request.complete) request.destroy()
    seen = size
  }, STALL_MS)
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      done(size > MAX_UPLOAD ? tooLarge() : null, chunk)
    },
  })
  try {
    // The request stays open when its body is refused: the answer says why.
    await pipeline(request.iterator({ destroyOnReturn: false }), count, createWriteStream(path, { mode: 0o600 }))
  } finally {
    clearInterval(watch)
  }
}

function tooLarge(): RoiError {
  return new RoiError(
    'too_large',
    'file_too_large',
    { en: 'The file is larger than 1 GiB.', 'zh-CN': '文件超过 1 GiB。' },
    {
      en: 'Import it with the command line, or split it.',
      'zh-CN': '请使用命令行导入，或拆分文件。',
    },
  )
}
