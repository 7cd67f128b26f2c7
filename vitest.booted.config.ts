import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * Whole deployments to Debian systems that boot systemd. The first run on a machine makes these systems, from its
 * Debian mirror: a minute or two for each release, before the first host of it is there.
 */
export default defineConfig({
  resolve: {
    // Tests write steps with the public API. What runs is the packed command, with its own.
    alias: [{ find: /^stage-deploy$/, replacement: here('./src/index.ts') }],
  },
  test: {
    include: ['test/booted/**/*.test.ts'],
    globalSetup: ['test/e2e/support/packed-command.ts'],
    // A file boots two hosts or three, each of which is a whole system at work.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 900_000,
  },
})
