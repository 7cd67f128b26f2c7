import { expect, test } from 'vitest'
import { openDisplay } from '../../src/cli/reporters.ts'
import type { Event } from '../../src/model/event.ts'
import { noon } from '../support/builders.ts'
import { aTerminal } from './support/a-terminal.ts'

const events: readonly Event[] = [
  { atMs: noon, type: 'host-connected', host: 'web1', durationMs: 200 },
  {
    atMs: noon,
    type: 'problem',
    problem: { code: 'root-not-writable', where: 'web1', message: 'no', hint: undefined, severity: 'error' },
  },
  { atMs: noon, type: 'run-finished', exit: 3, summary: 'Refused.', hosts: {}, durationMs: 0 },
]

type Flags = Parameters<typeof openDisplay>[1]

/** What a command shows of these events. */
async function shown(
  flags: Partial<Flags>,
  { isTTY = false, env = {} }: { isTTY?: boolean; env?: Record<string, string> } = {},
) {
  const terminal = aTerminal({ env }, isTTY)
  const display = await openDisplay(terminal.around, { color: true, ...flags }, true)
  for (const { atMs: _, ...event } of events) display.events.emit(event)
  await display.events.end()
  return { ...terminal.written(), exit: display.recorder.record().finished?.exit }
}

const typesOf = (lines: string) =>
  lines.split('\n').flatMap(line => /"type":"([a-z-]+)"/.exec(line)?.[1] ?? [])

/** What moves the cursor: only the live view does. */
const isLive = (text: string) => text.includes('\x1b[?25l')

test('without a terminal there are lines, on standard error: standard output is for the result', async () => {
  expect(await shown({})).toEqual({ stdout: '', stderr: '[web1] connected, 0.2 s\n', exit: 3 })
})

test('in a terminal there is a live view, on standard error', async () => {
  const { stdout, stderr } = await shown({}, { isTTY: true })
  expect({ stdout, live: isLive(stderr) }).toEqual({ stdout: '', live: true })
})

test.each([
  ['--verbose', { verbose: true }, {}],
  ['--quiet', { quiet: true }, {}],
  ['a terminal that cannot move its cursor', {}, { TERM: 'dumb' }],
])('no live view with %s', async (_why, flags, env) => {
  expect(isLive((await shown(flags, { isTTY: true, env })).stderr)).toBe(false)
})

test('with --json every event is a line on standard output, and nothing else is anywhere', async () => {
  const { stdout, stderr } = await shown({ json: true }, { isTTY: true })
  expect(typesOf(stdout)).toEqual(['host-connected', 'problem', 'run-finished'])
  expect(stderr).toBe('')
})

test('a dry run with --json tells only why there is no plan', async () => {
  const { stdout } = await shown({ json: true, dryRun: true })
  expect(typesOf(stdout)).toEqual(['problem', 'run-finished'])
})

test('--quiet leaves out what goes well', async () => {
  expect((await shown({ quiet: true })).stderr).toBe('')
})
