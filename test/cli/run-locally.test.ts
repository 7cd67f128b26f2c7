import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runLocally } from '../../src/cli/run-locally.ts'
import type { Task } from '../../src/model/plan.ts'

const task = (script: string, changes: Partial<Task> = {}): Task => ({
  title: 'a step of the runner',
  action: { kind: 'local', argv: ['/bin/sh', '-c', script] },
  env: {},
  cwd: tmpdir(),
  timeoutMs: 10_000,
  timeoutOption: '`timeout`',
  ...changes,
})

async function run(one: Task, options: { env?: Record<string, string>; signal?: AbortSignal } = {}) {
  const lines: string[] = []
  const outcome = await runLocally(one, {
    env: options.env ?? {},
    signal: options.signal ?? new AbortController().signal,
    onOutput: (stream, line) => lines.push(`${stream}: ${line}`),
  })
  return { outcome, lines }
}

test('a program of the runner has the variables of its step, and its lines are told one by one', async () => {
  const { outcome, lines } = await run(task('echo "$DEPLOY_STAGE"; echo oops >&2'), {
    env: { DEPLOY_STAGE: 'production' },
  })
  expect(outcome).toEqual({ kind: 'ok' })
  expect(lines.toSorted()).toEqual(['stderr: oops', 'stdout: production'])
})

test('exit status, signal and a program that is not there are failures, each in its words', async () => {
  expect((await run(task('exit 3'))).outcome).toEqual({ kind: 'failed', reason: 'exit 3' })
  expect((await run(task('kill -9 $$'))).outcome).toEqual({ kind: 'failed', reason: 'killed by SIGKILL' })
  const missing = task('', { action: { kind: 'local', argv: ['/nonexistent/program'] } })
  expect((await run(missing)).outcome).toMatchObject({
    kind: 'failed',
    reason: expect.stringMatching(/^could not be started: /),
  })
})

test('the time limit ends the whole process group', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'stage-local-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const mark = join(directory, 'mark')
  const { outcome } = await run(task(`(sleep 1; echo late > ${mark}) & wait`, { timeoutMs: 100 }))
  expect(outcome).toEqual({
    kind: 'failed',
    reason: 'stopped after 0.1 s: time limit, which `timeout` lengthens',
  })
  await new Promise(resolve => setTimeout(resolve, 1_200))
  expect(() => readFileSync(mark)).toThrow(/ENOENT/)
})

test('a step that is called off is cancelled, before it begins or while it runs', async () => {
  expect((await run(task('true'), { signal: AbortSignal.abort() })).outcome).toEqual({ kind: 'cancelled' })
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 50)
  expect((await run(task('sleep 10'), { signal: stop.signal })).outcome).toEqual({ kind: 'cancelled' })
})

test('a daemon that keeps the output open does not hold the step up', async () => {
  const { outcome, lines } = await run(task('sleep 8 & echo started'))
  expect(outcome).toEqual({ kind: 'ok' })
  expect(lines).toEqual(['stdout: started'])
})

test('a program that may not be killed is left behind, and has failed', async () => {
  const ended = new AbortController()
  const ways = {
    killAfterMs: 10,
    goneAfterMs: 10,
    // As if it belonged to another user.
    kill: () => undefined,
  }
  const options = { env: {}, signal: ended.signal, onOutput: () => undefined }
  const stopped = await runLocally(task('sleep 3', { timeoutMs: 10 }), options, ways)
  expect(stopped).toMatchObject({
    kind: 'failed',
    reason: expect.stringMatching(
      /^stopped after 0.01 s: time limit, which `timeout` lengthens, and could not be ended: it may still run as process \d+$/,
    ),
  })
  setTimeout(() => ended.abort(), 10)
  expect(await runLocally(task('sleep 3'), options, ways)).toMatchObject({
    kind: 'failed',
    reason: expect.stringMatching(/^cancelled, and could not be ended/),
  })
})
