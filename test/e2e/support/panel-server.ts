import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ImportResult, Panel } from '../../../src/api.ts'
import type { Built } from './build.ts'
import { buildDrill, buildExplain } from './panel-fixture.ts'
import { SCENARIOS } from './panel-scenarios.ts'

const FONTS = fileURLToPath(new URL('../../../node_modules/@fontsource/noto-sans-sc/', import.meta.url))
/** What the product itself sends (reliability.md S7). */
export const CSP =
  "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'"
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
}
const FONT_CSS = `@import url(/fonts/400.css); @import url(/fonts/600.css);
html.roi, roi-panel { --roi-font: "Noto Sans SC", sans-serif; }`
const HARNESS_CSS =
  'body { margin: 0; background: #dddedb; } h1 { position: absolute; clip-path: inset(50%); } .frame { margin: 0 auto; }'
const FONT_LINK = '<link rel="stylesheet" href="/fonts.css">'
/** Attributes of the element come from the address, so that a test says what it needs in one line. */
const HARNESS = `const query = new URLSearchParams(location.search)
const frame = document.querySelector('.frame')
if (query.get('width')) frame.style.setProperty('width', query.get('width') + 'px')
const panel = document.createElement('roi-panel')
for (const [name, value] of query) if (name !== 'width' && name !== 'fonts') panel.setAttribute(name, value)
frame.append(panel)`
const LOADER_PAGE = `<!doctype html><html lang="en"><head><title>loader</title><link rel="icon" href="data:,">
<script type="module" src="/widget/loader.js"></script></head><body></body></html>`
const HARNESS_PAGE = `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>harness</title>
<meta name="viewport" content="width=device-width, initial-scale=1">${FONT_LINK}<link rel="stylesheet" href="/harness.css"><link rel="icon" href="data:,">
<script type="module" src="/widget/loader.js"></script><script type="module" src="/harness.js"></script></head>
<body><main><h1>CRM</h1><div class="frame"></div></main></body></html>`

/** A loopback service with fixed answers. */
export interface PanelServer {
  readonly origin: string
  /** Answers 503 to everything under /api while true. */
  down: boolean
  /** Requests under /api, newest last. */
  readonly requests: URL[]
  /** Authorization headers seen. */
  readonly tokens: string[]
  /** Bodies posted as imports, by file name. */
  readonly imports: { url: URL; body: string }[]
  close: () => Promise<void>
}

/** Serves the builds under the product's security headers, and view-models by workspace name. */
export async function startPanelServer(built: Built): Promise<PanelServer> {
  const state = {
    down: false,
    requests: [] as URL[],
    tokens: [] as string[],
    imports: [] as { url: URL; body: string }[],
  }
  const server = createServer((request, response) => {
    handle(request, response, built, state).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as { port: number }
  return Object.assign(state, {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  })
}

type State = Pick<PanelServer, 'down' | 'requests' | 'tokens' | 'imports'>

async function handle(request: IncomingMessage, response: ServerResponse, built: Built, state: State): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://loopback')
  response.setHeader('content-security-policy', CSP)
  response.setHeader('x-content-type-options', 'nosniff')
  if (url.pathname.startsWith('/api/')) return api(request, response, url, state)
  if (url.pathname === '/harness.html') {
    const isPlain = url.searchParams.get('fonts') === 'host'
    return send(response, '.html', isPlain ? HARNESS_PAGE.replace(FONT_LINK, '') : HARNESS_PAGE)
  }
  if (url.pathname === '/loader-only.html') return send(response, '.html', LOADER_PAGE)
  if (url.pathname === '/harness.js') return send(response, '.js', HARNESS)
  if (url.pathname === '/harness.css') return send(response, '.css', HARNESS_CSS)
  if (url.pathname === '/fonts.css') return send(response, '.css', FONT_CSS)
  const roots: Record<string, string> = { widget: built.widget, fonts: FONTS }
  const [, first = '', ...rest] = url.pathname.split('/')
  const root = Object.hasOwn(roots, first) ? roots[first]! : built.page
  const path = Object.hasOwn(roots, first) ? rest.join('/') : url.pathname === '/' ? 'index.html' : url.pathname
  const file = join(root, normalize(`/${path}`))
  try {
    const page = extname(file) === '.html'
    const body = await readFile(file)
    // The page itself uses the fonts of its host; pictures must be the same on every machine.
    return send(response, extname(file), page ? body.toString().replace('</head>', `${FONT_LINK}</head>`) : body)
  } catch {
    response.writeHead(404).end()
  }
}

function send(response: ServerResponse, type: string, body: string | Buffer): void {
  response.writeHead(200, { 'content-type': TYPES[type] ?? 'application/octet-stream' }).end(body)
}

async function api(request: IncomingMessage, response: ServerResponse, url: URL, state: State): Promise<void> {
  if (url.pathname === '/api/v1/events' && !state.down) return quietEvents(response)
  state.requests.push(url)
  if (request.headers.authorization) state.tokens.push(request.headers.authorization)
  if (state.down) return problem(response, 503, 'unavailable', '服务正在启动', '稍后重试')
  const q = url.searchParams
  const panel = SCENARIOS[q.get('workspace') ?? 'main']?.()
  const name = url.pathname.replace('/api/v1/', '')
  if (name === 'workspaces') {
    const workspaces = [
      { key: 'main', title: '示例工作区', locale: 'zh-CN', currency: 'CNY' },
      { key: 'full', title: '第二个工作区', locale: 'zh-CN', currency: 'CNY' },
    ]
    return json(response, 200, { demo: true, workspaces })
  }
  if (name === 'imports') return imports(request, response, url, state)
  if (name.startsWith('templates/')) return send(response, '.csv', 'date,amount,category\n')
  if (q.get('workspace') === 'forbidden') return problem(response, 403, 'no_access', 'no', null)
  if (!panel) return problem(response, 404, 'unknown_workspace', '没有这个工作区', '用 workspaces 查看有哪些')
  if (name === 'panel') return json(response, 200, panel)
  const model = (q.get('model') ?? 'linear') as Panel['model']
  if (name === 'drill') {
    return json(
      response,
      200,
      buildDrill(panel, q.get('key') ?? '', model, Number(q.get('offset')), Number(q.get('limit'))),
    )
  }
  if (name === 'explain') return json(response, 200, buildExplain(panel, q.get('metric') ?? 'roi', q.get('key'), model))
  return problem(response, 404, 'not_found', name, null)
}

/** A stream on which nothing happens; it ends with the server. */
function quietEvents(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': nothing yet\n\n')
}

async function imports(request: IncomingMessage, response: ServerResponse, url: URL, state: State): Promise<void> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  state.imports.push({ url, body })
  const q = url.searchParams
  const file = q.get('name') ?? ''
  if (file.includes('mystery') && !q.get('type')) {
    return problem(response, 400, 'unknown_type', `看不出 ${file} 是哪一类文件`, '选择文件类型后再导入')
  }
  if (file.includes('dates') && !q.get('date_format')) {
    return problem(response, 400, 'ambiguous_dates', '03/04/2026 可能是 3 月 4 日，也可能是 4 月 3 日', '指明日期格式')
  }
  const rejected = body.includes('bad')
    ? [{ line: 3, column: 'amount', code: 'not_a_number', message: '“bad” 不是金额' }]
    : []
  const result: ImportResult = {
    id: 'imp-1',
    files: [
      {
        file,
        type: q.get('type') || 'costs',
        rows: 4,
        imported: 4 - rejected.length,
        unchanged: 0,
        rejected,
        rejected_count: rejected.length,
        findings: [],
      },
    ],
  }
  return json(response, 200, result)
}

function problem(response: ServerResponse, status: number, code: string, message: string, remedy: string | null): void {
  json(response, status, { error: { code, message, remedy, request_id: 'req_7F3K-92QD' } })
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
