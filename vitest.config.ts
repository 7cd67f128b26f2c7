import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    // The package's own name, as a configuration or a recipe imports it, means the sources under test.
    alias: [
      { find: /^stage-deploy$/, replacement: here('./src/index.ts') },
      { find: /^stage-deploy\/recipes\/(.*)$/, replacement: here('./recipes/$1.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/lab/**', 'test/booted/**', 'node_modules/**'],
    // One more than a small machine has cores: some of these wait for processes that they start.
    maxWorkers: 3,
    testTimeout: 20_000,
  },
})
