import { existsSync, readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { type FakeAnswer, type FakeRequest, textOf } from './http.ts'
import type { Validator } from './server.ts'

interface Schema {
  readonly type?: string
  readonly [keyword: string]: unknown
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>
}

interface Operation {
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly schema: Schema
  }[]
  readonly requestBody?: Content & { readonly required?: boolean }
  readonly responses: Readonly<Record<string, Content>>
}

/** The parts of an OpenAPI file that are read here. */
export interface OpenApi {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components?: { readonly schemas?: Record<string, Schema> }
}

export interface OpenApiOptions {
  /** The described path of a request's path; `undefined`: it is not described. Default: the path itself. */
  readonly alias?: (path: string) => string | undefined
  /** Corrects the description where it is known to be narrower than the system. */
  readonly amend?: (api: OpenApi) => void
}

interface Compiled {
  readonly parameters: ReadonlyMap<
    string,
    { readonly schema: Schema; readonly required: boolean; valid: ValidateFunction }
  >
  readonly body?: { readonly valid: ValidateFunction; readonly required: boolean }
  readonly answers: ReadonlyMap<string, ValidateFunction>
}

/** A validator by an OpenAPI 3.0 file, or `undefined` where the file is not there. */
export function openApiValidator(file: string | URL, options: OpenApiOptions = {}): Validator | undefined {
  if (!existsSync(file)) return undefined
  const api = JSON.parse(readFileSync(file, 'utf8')) as OpenApi
  options.amend?.(api)
  return new OpenApiValidator(api, options.alias ?? ((path) => path))
}

class OpenApiValidator implements Validator {
  readonly #ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false })
  readonly #alias: (path: string) => string | undefined
  readonly #paths: readonly { readonly pattern: RegExp; readonly operations: Record<string, Operation> }[]
  readonly #compiled = new Map<Operation, Compiled>()

  constructor(api: OpenApi, alias: (path: string) => string | undefined) {
    this.#alias = alias
    formats.default(this.#ajv)
    this.#ajv.addSchema({ components: api.components }, 'api')
    this.#paths = Object.entries(api.paths)
      // A literal segment goes before a name.
      .sort(([a], [b]) => a.split('{').length - b.split('{').length)
      .map(([path, operations]) => ({ pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`), operations }))
  }

  request(request: FakeRequest): readonly string[] {
    const operation = this.#operation(request)
    if (!operation) return []
    return [...parameterProblems(operation, request), ...bodyProblems(operation, request)]
  }

  answer(request: FakeRequest, answer: FakeAnswer): readonly string[] {
    const operation = this.#operation(request)
    if (!operation || answer.status === 204) return []
    // Multi-status is not described: its body is that of the full success with errors added.
    const code = answer.status === 207 ? '200' : String(answer.status)
    const valid = operation.answers.get(code) ?? operation.answers.get('default')
    if (!valid) return [`status ${answer.status} is not described`]
    return problems(valid, JSON.parse(textOf(answer)), 'answer')
  }

  #operation(request: FakeRequest): Compiled | undefined {
    const path = this.#alias(request.path)
    if (path === undefined) return undefined
    const operation = this.#paths.find(({ pattern }) => pattern.test(path))?.operations[request.method.toLowerCase()]
    if (!operation) return undefined
    let compiled = this.#compiled.get(operation)
    if (!compiled) {
      compiled = this.#compile(operation)
      this.#compiled.set(operation, compiled)
    }
    return compiled
  }

  #compile(operation: Operation): Compiled {
    const schemaOf = ({ content = {} }: Content) => Object.values(content)[0]?.schema ?? {}
    const compile = (schema: Schema) =>
      this.#ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/')))
    const queries = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query')
    return {
      parameters: new Map(
        queries.map(({ name, schema, required = false }) => [name, { schema, required, valid: compile(schema) }]),
      ),
      ...(operation.requestBody
        ? {
            body: {
              valid: compile(schemaOf(operation.requestBody)),
              required: operation.requestBody.required ?? false,
            },
          }
        : {}),
      answers: new Map(
        Object.entries(operation.responses).map(([status, response]) => [status, compile(schemaOf(response))]),
      ),
    }
  }
}

function parameterProblems({ parameters }: Compiled, { query }: FakeRequest): string[] {
  const found: string[] = []
  for (const name of new Set(query.keys())) {
    const parameter = parameters.get(name)
    // The real system ignores it, but who sends it expects something of it.
    if (!parameter) found.push(`query parameter "${name}" is not described`)
    else found.push(...problems(parameter.valid, coerced(query.getAll(name), parameter.schema), `query.${name}`))
  }
  for (const [name, { required }] of parameters) {
    if (required && !query.has(name)) found.push(`query parameter "${name}" is missing`)
  }
  return found
}

function coerced(values: readonly string[], { type }: Schema): unknown {
  if (type === 'array') return values
  const value = values.at(-1) ?? ''
  if (type === 'integer' || type === 'number') return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
  if (type === 'boolean') return value === 'true' ? true : value === 'false' ? false : value
  return value
}

function bodyProblems({ body }: Compiled, request: FakeRequest): string[] {
  if (!body) return []
  if (request.text === '') return body.required ? ['the body is missing'] : []
  return problems(body.valid, request.body, 'body')
}

function problems(valid: ValidateFunction, value: unknown, name: string): string[] {
  if (valid(value)) return []
  return (valid.errors ?? []).map(({ instancePath, message }) => `${name}${instancePath} ${message}`).slice(0, 5)
}
