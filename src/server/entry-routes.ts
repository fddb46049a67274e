import express, { type Request, type RequestHandler } from 'express'
import type { z } from 'zod'
import { parse } from './parse.ts'
import { type CommandName, REQUESTS, type RequestOf } from './requests.ts'
import { query, sendJson } from './routes.ts'
import { type Answers, QUIET, type Services } from './services.ts'

/** What people enter is a few texts. */
const MAX_BODY = '64kb'

/** Routes about things that people enter: reads take the query, writes a JSON body and of the query only who asks. */
export interface EntryHandlers {
  /** Parameters of the query, and those of the path. */
  read<Name extends CommandName>(name: Name, schema: z.ZodType<Answers[Name]>): RequestHandler
  /** Body, parameters of the query, and those of the path. */
  remove<Name extends CommandName>(name: Name, schema: z.ZodType<Answers[Name]>): RequestHandler[]
  /** Body and parameters of the path. */
  write<Name extends CommandName>(name: Name, schema: z.ZodType<Answers[Name]>): RequestHandler[]
}

export function entryHandlers(services: Services): EntryHandlers {
  const json = express.json({ limit: MAX_BODY, inflate: false })
  const run = async <Name extends CommandName>(name: Name, input: object): Promise<Answers[Name]> => {
    const ask = parse(REQUESTS[name], input) as RequestOf<Name>
    const method = services[name] as (ask: RequestOf<Name>, feedback: typeof QUIET) => Promise<Answers[Name]>
    return method(ask, QUIET)
  }
  return {
    read: (name, schema) => async (request, response) => {
      sendJson(response, schema, await run(name, { ...query(request), ...request.params }))
    },
    remove: (name, schema) => [
      json,
      async (request, response) => {
        sendJson(response, schema, await run(name, { ...bodyOf(request), ...query(request), ...request.params }))
      },
    ],
    write: (name, schema) => [
      json,
      async (request, response) => {
        sendJson(response, schema, await run(name, { ...bodyOf(request), ...scopeOf(request), ...request.params }))
      },
    ],
  }
}

/** The body as parsed; none counts as empty. Whether it is right is for the schema to say. */
function bodyOf(request: Request): object {
  const body: unknown = request.body
  return typeof body === 'object' && body !== null ? body : {}
}

/** Whose workspace and in which language: what stands in the address decides. */
function scopeOf(request: Request): object {
  const { workspace, locale } = query(request)
  return { ...(workspace !== undefined && { workspace }), ...(locale !== undefined && { locale }) }
}
