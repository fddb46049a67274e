import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { dir: 'test', globalSetup: ['test/setup.ts'], testTimeout: 30000 } })
