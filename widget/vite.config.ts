import { fileURLToPath } from 'node:url'
import { type BuildEnvironmentOptions, defineConfig } from 'vite'
import { dropMarks, squeezeTemplates } from './squeeze.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Vite leaves white space in ES output of libraries; the published file is what is measured, so it goes. */
const small = { compress: true, mangle: true, codegen: { removeWhitespace: true } } as const

/**
 * `vite build -c widget/vite.config.ts` writes `dist/widget` (element, loader, locales) and `dist/page` (the plain page, the
 * one that other applications frame, signing in, the console).
 * `--mode test` writes the same with an open shadow root to `test/e2e/artefacts/build`, for tools that must look inside.
 */
export default defineConfig(({ mode }) => {
  const out = mode === 'test' ? here('../test/e2e/artefacts/build') : here('../dist')
  const shared: BuildEnvironmentOptions = {
    target: 'es2023',
    emptyOutDir: true,
    modulePreload: false,
    reportCompressedSize: false,
  }
  return {
    root: here('page'),
    base: './',
    publicDir: false,
    plugins: [squeezeTemplates(), dropMarks()],
    define: { __ROI_SHADOW__: JSON.stringify(mode === 'test' ? 'open' : 'closed') },
    logLevel: 'warn',
    builder: {},
    environments: {
      client: {
        build: {
          ...shared,
          outDir: `${out}/widget`,
          // As a library, because an application's dynamic imports drag in a preload helper of 1.3 KiB.
          lib: { entry: { 'roi-panel': here('roi-panel.ts'), loader: here('loader.ts') }, formats: ['es'] },
          rolldownOptions: {
            preserveEntrySignatures: 'allow-extension',
            output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js', minify: small },
          },
        },
      },
      page: {
        consumer: 'client',
        build: {
          ...shared,
          outDir: `${out}/page`,
          assetsInlineLimit: 0,
          rolldownOptions: {
            input: ['index.html', 'embed.html', 'sign-in/index.html', 'console/index.html'].map((name) =>
              here(`page/${name}`),
            ),
            output: { minify: small },
          },
        },
      },
    },
  }
})
