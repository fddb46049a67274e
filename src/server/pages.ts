import { fileURLToPath } from 'node:url'
import express, { type RequestHandler } from 'express'

/** Built by `widget/vite.config.ts`. */
export const DIST = fileURLToPath(new URL('../../dist', import.meta.url))

/** Vite puts a digest of the content into these names, so they never change. */
const HASHED = /-[\w-]{8}\.\w+$/
const YEAR = 'public, max-age=31536000, immutable'

/** Serves a folder of the build: what carries a digest in its name for ever, the rest asked for again each time. */
export function pages(folder: string): RequestHandler {
  return express.static(folder, {
    index: 'index.html',
    dotfiles: 'ignore',
    setHeaders(response, path) {
      response.setHeader('cache-control', HASHED.test(path) ? YEAR : 'no-cache')
    },
  })
}
