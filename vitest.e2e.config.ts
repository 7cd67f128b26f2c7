import { defineConfig } from 'vitest/config'

/** Whole deployments against real SSH servers: one file at a time, or they would measure each other. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
