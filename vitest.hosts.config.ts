import { defineConfig } from 'vitest/config'

/**
 * All tests that need real hosts, in one run: those of the failure lab wait for most of their time, while the end-to-end tests
 * build environments; beside each other they keep two cores busy.
 */
export default defineConfig({
  test: {
    projects: ['vitest.e2e.config.ts', 'vitest.lab.config.ts'],
    maxWorkers: 4,
  },
})
