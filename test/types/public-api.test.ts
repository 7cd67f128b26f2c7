import { expect, test } from 'vitest'
import * as api from '../../src/index.ts'

test('the public API is these names: one more is a promise, one less breaks configurations', () => {
  expect(Object.keys(api).toSorted()).toMatchInlineSnapshot(`
    [
      "StageError",
      "bootProbe",
      "call",
      "compareVersions",
      "defineConfig",
      "defineRecipe",
      "exec",
      "fact",
      "hasUserInfo",
      "httpProbe",
      "isSpecifier",
      "local",
      "milliseconds",
      "minutes",
      "pythonFact",
      "satisfies",
      "script",
      "seconds",
      "secret",
      "sendFile",
      "sh",
      "webhook",
      "writeFile",
    ]
  `)
})
