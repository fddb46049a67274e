#!/usr/bin/env node
/**
 * The command line: `roi-panel COMMAND`. Databases and files share a pool of threads whose size is read once, before
 * its first use: with the default of four, a few long reports would hold up everything else (reliability.md §6).
 */
process.env.UV_THREADPOOL_SIZE ??= '16'
const { main } = await import('./cli/main.ts')
process.stdout.on('error', () => {})
process.exitCode = await main(process.argv.slice(2))

export {}
