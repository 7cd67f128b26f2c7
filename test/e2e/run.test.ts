import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventsOf, problemsOf } from './support/events.ts'
import { stopped } from './support/faults.ts'
import { fleetOf } from './support/fleet-of.ts'
import { rootListing, runningOn } from './support/hosts.ts'
import { makeProject } from './support/project.ts'

const names = ['web1', 'web2', 'web3']
const fleet = await fleetOf(names)
const project = await makeProject(fleet)
const run = (...args: readonly string[]) => project.deploy(['run', 'staging', ...args])
const sortedLines = (text: string) => text.trimEnd().split('\n').toSorted()

describe('the same command on all hosts', () => {
  test('arrives as it was written, whatever is in it, and what it prints has the host in front', async () => {
    const words = [`'"$HOME"' $(id) \`id\` \\ * ? ~ !! {a,b} # ; & | < >`, '', '-n', '--json', 'ü\u{1f40d}']
    const { code, stdout } = await run('--', 'printf', '<%s>\\n', ...words)
    expect(code).toBe(0)
    expect(sortedLines(stdout)).toEqual(
      names.flatMap(name => words.map(word => `[${name}] <${word}>`)).toSorted(),
    )
  })

  test('runs in the home of the account with nothing of the runner in its environment', async () => {
    const { stdout } = await project.deploy(['run', 'staging', '--hosts', 'web1', '--', 'env'], {
      env: { SECRET_OF_THE_RUNNER: 'x' },
    })
    const variables = sortedLines(stdout).map(line => line.replace('[web1] ', ''))
    expect(variables).toEqual(
      expect.arrayContaining([
        'DEPLOY_HOST=web1',
        'DEPLOY_STAGE=staging',
        `DEPLOY_ROOT=${project.rootOn('web1')}`,
      ]),
    )
    expect(variables.filter(line => line.includes('SECRET_OF_THE_RUNNER'))).toEqual([])
  })

  test('a script is read by its interpreter alone; hosts of a list, one after the other, together', async () => {
    await writeFile(join(project.directory, 'some.txt'), '# the last ones\nweb3\nweb2 # and this\n')
    const text =
      '#!/usr/bin/env python3\nimport sys\nprint("it\'s", sys.argv[1:], file=sys.stderr)\nprint(\'"done"\')\n'
    await writeFile(join(project.directory, 'fix.py'), text)
    const { code, stdout, stderr } = await run(
      ...['--hosts', '@some.txt,web2', '--script', 'fix.py', '--serial', '--group', '-q', '--', '$HOME'],
    )
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '==> web2  ok\n"done"\n==> web3  ok\n"done"\n',
      stderr: `it's ['$HOME']\n`.repeat(2),
    })
  })

  test('that fails on one host is run on the others to its end: exit 8, and each end is told', async () => {
    const result = await run(
      '--json',
      '--',
      '/bin/sh',
      '-c',
      'test $DEPLOY_HOST != web2 || exit 7; echo done',
    )
    expect(result.code).toBe(8)
    const ends = eventsOf(result, 'command-finished').map(({ host, outcome, code }) => ({
      host,
      outcome,
      code,
    }))
    expect(ends.toSorted((a, b) => (String(a.host) < String(b.host) ? -1 : 1))).toEqual([
      { host: 'web1', outcome: { kind: 'ok' }, code: 0 },
      { host: 'web2', outcome: { kind: 'failed', reason: 'exit 7' }, code: 7 },
      { host: 'web3', outcome: { kind: 'ok' }, code: 0 },
    ])
    expect(eventsOf(result, 'run-finished')).toMatchObject([{ exit: 8 }])
  })

  test('is run nowhere while a host cannot be reached: exit 3, and which', async () => {
    await using _down = await stopped(fleet.host('web2'))
    const result = await run('--json', '--', 'touch', 'was-here')
    expect([result.code, problemsOf(result)]).toEqual([3, ['web2: unreachable']])
    const { stdout } = await run('--except', 'web2', '--', 'ls')
    expect(stdout).not.toMatch('was-here')
  })

  test('takes no lock and writes nothing of ours', async () => {
    await run('--', 'true')
    expect(await rootListing(project, 'web1')).toEqual([])
    const { stdout } = await run('--hosts', 'web1', '--', 'ls', '-A', project.rootOn('web1'))
    expect(stdout).toBe('')
  })
})

describe('a command that is broken off', () => {
  test('by Ctrl-C is stopped on all hosts and awaited: exit 130, and nothing of it is left', async () => {
    const script = 'trap "echo stopped; exit" TERM; echo begun; while :; do sleep 0.1; done'
    const running = project.start(['run', 'staging', '--', '/bin/sh', '-c', script])
    await running.printed(/(?:\[web\d\] begun[\s\S]*){3}/)
    running.signal('SIGINT')
    const { code, stdout } = await running.ended
    expect(code).toBe(130)
    expect(sortedLines(stdout)).toEqual(names.flatMap(name => [`[${name}] begun`, `[${name}] stopped`]))
    expect(await Promise.all(names.map(name => runningOn(fleet, name)))).toEqual([[], [], []])
  })

  test('by its time limit has failed', async () => {
    const { code, stderr } = await run('--timeout', '1', '--hosts', 'web1', '--', 'sleep', '600')
    expect([code, stderr]).toEqual([
      8,
      expect.stringMatching(/web1 .* failed: stopped after 1 s: time limit/),
    ])
  })

  test('by the loss of its host is unknown there, and runs to its end elsewhere', async () => {
    const script = 'echo begun; test $DEPLOY_HOST = web3 && exec sleep 600; sleep 1; echo done'
    const running = project.start(['run', 'staging', '--', '/bin/sh', '-c', script])
    await running.printed(/\[web3\] begun/)
    await fleet.host('web3').killSessions()
    const { code, stdout, stderr } = await running.ended
    expect([code, sortedLines(stdout).filter(line => line.includes('done'))]).toEqual([
      8,
      ['[web1] done', '[web2] done'],
    ])
    expect(stderr).toMatch(/web3 .* unknown: /)
  })
})
