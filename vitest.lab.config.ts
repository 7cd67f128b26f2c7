import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The failure lab: faults injected into real hosts from outside. One file at a time, with the product's own time limits. */
export default defineConfig({
  resolve: {
    // Tests write steps with the public API. What runs is the packed command, with its own.
    alias: [{ find: /^stage-deploy$/, replacement: here('./src/index.ts') }],
  },
  test: {
    include: ['test/lab/**/*.test.ts'],
    globalSetup: ['test/e2e/support/packed-command.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
