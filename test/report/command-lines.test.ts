import { describe, expect, test } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import { ok, unknown } from '../../src/model/outcome.ts'
import { type CommandLinesOptions, createCommandLines } from '../../src/report/command-lines.ts'
import { aProblem, aSink, at, exit1 } from './builders.ts'

/** What goes to standard output and to standard error. */
async function shown(events: readonly Event[], options: Partial<CommandLinesOptions> = {}) {
  const [out, err] = [aSink(), aSink()]
  const reporter = createCommandLines({
    ...{
      out: out.stream,
      err: err.stream,
      hosts: ['web1', 'web2'],
      grouped: false,
      detail: 'normal',
      columns: 80,
    },
    colour: { out: false, err: false },
    ...options,
  })
  for (const event of events) reporter.handle(event)
  await reporter.end()
  return { out: `\n${out.text()}`, err: `\n${err.text()}` }
}

const printed = (host: string, line: string, stream: 'stdout' | 'stderr' = 'stdout'): Event => ({
  ...{ type: 'output', atMs: 0, host, step: 'run', stream, line },
})
const finished = (host: string, outcome = ok): Event => ({
  ...{ type: 'command-finished', atMs: 0, host, outcome, code: undefined, durationMs: 1_200 },
})
const ended: Event = { type: 'run-finished', atMs: 0, exit: 0, summary: '', hosts: {}, durationMs: 1_300 }

const story = [
  at(0).connected('web1'),
  printed('web2', 'up 3 days'),
  printed('web1', 'up \x1b[31m9\x1b[0m days\r'),
  printed('web1', 'who asks?', 'stderr'),
  finished('web2', exit1),
  printed('web1', ''),
  finished('web1'),
  ended,
]

describe('what a command prints on many hosts', () => {
  test('is shown as it comes, on the stream it came on, and at the end how it went', async () => {
    const { out, err } = await shown(story)
    expect(out).toMatchInlineSnapshot(`
      "
      [web2] up 3 days
      [web1] up 9 days
      [web1] 
      "
    `)
    expect(err).toMatchInlineSnapshot(`
      "
      [web1] who asks?

      host  took   outcome
      web1  1.2 s  ok
      web2  1.2 s  failed: exit 1

      Ran well on 1 of 2 hosts, in 1.3 s.
      "
    `)
  })

  test('stands together, host after host, and is then as it was', async () => {
    const { out, err } = await shown(story, { grouped: true, detail: 'quiet' })
    expect(out).toMatchInlineSnapshot(`
      "
      ==> web1  ok
      up 9 days

      ==> web2  failed: exit 1
      up 3 days
      "
    `)
    expect(err).toMatchInlineSnapshot(`
      "
      who asks?

      host  took   outcome
      web1  1.2 s  ok
      web2  1.2 s  failed: exit 1

      Ran well on 1 of 2 hosts, in 1.3 s.
      "
    `)
  })

  test('of a group is shown as soon as it and those before have ended', async () => {
    const { out } = await shown([printed('web1', 'a'), printed('web2', 'b'), finished('web2')], {
      grouped: true,
    })
    expect(out).toBe('\n')
  })

  test('is counted where one host of a group prints more than may wait', async () => {
    const line = 'x'.repeat(4 * 1024 * 1024 + 1)
    const { out, err } = await shown([...Array(4).fill(printed('web1', line)), finished('web1')], {
      grouped: true,
    })
    expect([out.length > 8 * 1024 * 1024, err]).toEqual([true, '\n2 more lines of web1 are left out here.\n'])
  })
})

test('quiet says nothing where all went well', async () => {
  expect(await shown([finished('web1'), finished('web2'), ended], { detail: 'quiet' })).toEqual({
    out: '\n',
    err: '\n',
  })
})

test('a host that was lost is said as unknown', async () => {
  const { err } = await shown([finished('web1'), finished('web2', unknown('silent')), ended])
  expect(err).toMatchInlineSnapshot(`
    "

    host  took   outcome
    web1  1.2 s  ok
    web2  1.2 s  unknown: silent

    Ran well on 1 of 2 hosts, in 1.3 s.
    "
  `)
})

test('nothing was run: the problems, and no table', async () => {
  const { out, err } = await shown([
    at(0).problem(aProblem('web2', 'cannot be reached')),
    { ...ended, exit: 3 },
  ])
  expect([out, err]).toMatchInlineSnapshot(`
    [
      "
    ",
      "
    web2
      ✖ cannot be reached
    ",
    ]
  `)
})
