import type { Plugin } from 'vite'

/** What the plugin reads of an ESTree node. */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly tag?: { readonly name?: string }
  readonly quasi?: { readonly quasis: readonly Node[] }
}

/** Tags of blocks, table parts and shapes inside an svg: white space beside them is not drawn. */
const AROUND_BLOCKS =
  / ?(<\/?(?:article|aside|caption|dd|details|div|dl|dt|figcaption|figure|footer|h2|h3|li|line|ol|option|p|path|rect|section|summary|table|tbody|td|text|tfoot|th|thead|tr|ul)(?: [^<>]*)?>) ?/g

/**
 * Build plugin: the minifier leaves the text of templates alone, so line breaks and indentation of `html`, `svg` and
 * `css` templates are squeezed here. A run of white space with a line break becomes one space, which means the same in
 * markup and in style sheets (no template of ours holds preformatted text). Spaces beside tags that start or end a
 * block are never drawn and go; in `css` so do comments and the spaces around punctuation.
 */
export function squeezeTemplates(): Plugin {
  return {
    name: 'squeeze-templates',
    enforce: 'post',
    apply: 'build',
    transform(code, id) {
      if (id.includes('node_modules') || !/\b(?:html|svg|css)`/.test(code)) return null
      const edits: { start: number; end: number; text: string }[] = []
      visit(this.parse(code), (node) => {
        const tag = node.type === 'TaggedTemplateExpression' ? node.tag?.name : undefined
        if (tag !== 'html' && tag !== 'svg' && tag !== 'css') return
        for (const { start, end } of node.quasi!.quasis) {
          edits.push({ start, end, text: squeeze(code.slice(start, end), tag === 'css') })
        }
      })
      let result = code
      for (const { start, end, text } of edits.sort((a, b) => b.start - a.start)) {
        result = result.slice(0, start) + text + result.slice(end)
      }
      return { code: result, map: null }
    },
  }
}

/** Build plugin: marks for the minifier, which it leaves behind when it has read them. */
export function dropMarks(): Plugin {
  return {
    name: 'drop-marks',
    apply: 'build',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk') chunk.code = chunk.code.replaceAll(/\/\* @__PURE__ \*\/ ?/g, '')
      }
    },
  }
}

/** One piece of a template without the white space nobody sees. */
export function squeeze(text: string, isCss: boolean): string {
  const oneLine = text.replace(/\s*\n\s*/g, isCss ? '\n' : ' ')
  if (!isCss) return oneLine.replace(AROUND_BLOCKS, '$1')
  return oneLine
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};]) ?/g, '$1')
    .replace(/;}/g, '}')
    .replace(/([:,]) /g, '$1')
}

function visit(value: unknown, look: (node: Node) => void): void {
  if (Array.isArray(value)) for (const each of value) visit(each, look)
  else if (value && typeof value === 'object') {
    if ('type' in value) look(value as Node)
    for (const each of Object.values(value)) visit(each, look)
  }
}
