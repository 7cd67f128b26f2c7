import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Whole deployments against real SSH servers. Three files at a time keep two cores busy; nothing here measures time. */
export default defineConfig({
  resolve: {
    // Tests write steps with the public API. What runs is the packed command, with its own.
    alias: [{ find: /^stage-deploy$/, replacement: here('./src/index.ts') }],
  },
  test: {
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: ['test/e2e/support/packed-command.ts'],
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
