import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    dir: 'test',
    globalSetup: ['test/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Tests wait for disks, servers and a browser as much as they compute.
    maxWorkers: '100%',
  },
})
