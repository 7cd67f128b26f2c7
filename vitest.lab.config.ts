import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** With the real limits (`npm run lab:full`) a test may take minutes. */
const isFull = process.env['STAGE_DEPLOY_LAB'] === 'full'

/**
 * The failure lab: faults injected into real hosts from outside. Much of its time it waits for limits to pass, so more files than
 * there are cores share a small machine well; the longer the limits, the more.
 */
export default defineConfig({
  resolve: {
    // Tests write steps with the public API. What runs is the packed command, with its own.
    alias: [{ find: /^stage-deploy$/, replacement: here('./src/index.ts') }],
  },
  test: {
    include: ['test/lab/**/*.test.ts'],
    globalSetup: ['test/e2e/support/packed-command.ts'],
    maxWorkers: isFull ? 4 : 3,
    testTimeout: isFull ? 900_000 : 120_000,
    hookTimeout: 120_000,
  },
})
