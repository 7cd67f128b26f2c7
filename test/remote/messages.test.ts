import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('../../scripts/messages.mjs', import.meta.url))

test('the remote end checks bodies against the very table that the runner is typed by', async () => {
  const check = promisify(execFile)(process.execPath, [script, '--check'])

  await expect(check).resolves.toStrictEqual({ stdout: '', stderr: '' })
})
