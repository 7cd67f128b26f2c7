import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Step, script, sh } from '../../src/index.ts'
import { closingTable, eventsOf, outputOf, phasesOf } from '../e2e/support/events.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { everywhere, leftovers, links, runningOn } from '../e2e/support/hosts.ts'
import { makeProject, type Project } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { inSize } from './support/size.ts'

const NAMES = ['web1', 'web2', 'web3']
const fleet = await fleetOf(NAMES)

/** What both sides may have held of it at most, MiB. Node.js itself takes about 100 and collects its garbage late, Python takes 15. */
const LIMITS_MIB = { runner: 400, remoteEnd: 64 }

const MIB = 1 << 20
const PRINTED = inSize({ short: 10, full: 100 }) * MIB

/** A step that does this on web2 only. */
const onWeb2 = (python: string, timeout: '1m' | '1s' = '1m'): Step =>
  script(
    sh`test "$DEPLOY_HOST" = web2 || { echo well; exit 0; }
       exec python3 -c ${`import sys, time\nout = sys.stdout.buffer\n${python}`}`,
    { title: 'on web2', timeout },
  )

/** The most that a process has had in memory so far, MiB; 0 when it is gone (proc(5), VmHWM). */
const peakIn = (status: string) => Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024

/** Runs a deploy and asks again and again how much memory its two sides have had. */
async function measured(project: Project, args: readonly string[]) {
  const run = project.start(args)
  const most = { runner: 0, remoteEnd: 0 }
  let over = false
  const ended = run.ended.finally(() => {
    over = true
  })
  const host = fleet.host('web2')
  while (!over) {
    const runner = peakIn(await readFile(`/proc/${run.pid}/status`, 'utf8').catch(() => ''))
    most.runner = Math.max(most.runner, runner)
    const end = (await host.processes()).find(({ command }) => /^\S*python3.*stage-deploy/.test(command))
    const { stdout } = await host.run(['cat', `/proc/${end?.pid}/status`])
    most.remoteEnd = Math.max(most.remoteEnd, peakIn(stdout))
    // A process remembers its peak: looking all the time would take from it what it is watched for.
    await sleep(50)
  }
  return { ...(await ended), most }
}

/** How many lines a log has of what the step on web2 printed, with those that it says it has left out. */
const linesIn = (log: string): number =>
  log.split('\n').reduce((sum, line) => {
    const leftOut = /^(\d+) lines? that (?:a step|steps) printed (?:is|are) left out here/.exec(line)?.[1]
    return sum + (leftOut === undefined ? Number(/^\S+ web2 stdout /.test(line)) : Number(leftOut))
  }, 0)

const HOW_MUCH = `${PRINTED / MIB} MiB`

test.each([
  ['in lines', PRINTED >> 7, `for _ in range(${PRINTED >> 7}): out.write(b'x' * 127 + b'\\n')`, ['--json']],
  // A line is split after 64 KiB.
  ['without a newline', PRINTED >> 16, `for _ in range(${PRINTED >> 10}): out.write(b'x' * 1024)`, []],
  [
    'of all bytes there are',
    (PRINTED >> 8) + 1,
    `for _ in range(${PRINTED >> 8}): out.write(bytes(range(256)))`,
    ['--json'],
  ],
])(
  `F21 a hook that prints ${HOW_MUCH} %s on one host takes bounded memory on both sides`,
  async (_how, lines, python, flags) => {
    const project = await makeProject(fleet, { hooks: { build: [onWeb2(python)] } })
    const sdist = await release(project, '1.0')
    const log = join(project.directory, 'run.log')
    const { code, most } = await measured(project, ['staging', sdist, '--log', log, ...flags])
    process.stdout.write(`at most ${JSON.stringify(most)} MiB\n`)
    expect(code).toBe(0)
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
    for (const side of ['runner', 'remoteEnd'] as const) {
      // Both were looked at while they lived.
      expect(most[side]).toBeGreaterThan(5)
      expect(most[side]).toBeLessThan(LIMITS_MIB[side])
    }
    // The log has every line of it, or says in the place of those that it has not how many they are.
    expect(linesIn(await readFile(log, 'latin1'))).toBe(lines)
  },
)

/** It does not end when it is asked to, and neither does what it has started. */
const hangs = onWeb2(
  `import signal, subprocess
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('hanging', flush=True)
subprocess.call(['sleep', '600'], preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN))`,
  '1s',
)

const hanging = [
  ['build', 4],
  ['activate', 5],
] as const
test.each(inSize({ short: hanging.slice(0, 1), full: [...hanging] }))(
  'F21 a hook of %s that hangs on one host runs into its time limit: %i everywhere, nothing goes on',
  async (slot, code) => {
    const project = await makeProject(fleet)
    await project.deploy(['staging', await release(project, '1.0')])
    await project.configure({ hooks: { [slot]: [{ ...hangs, undo: false }] } })
    const run = await project.deploy(['staging', await release(project, '1.1'), '--json'])
    expect({ code: run.code, table: closingTable(run) }).toMatchObject({
      code,
      table: everywhere(fleet, { live: 'shop-1.0', readBack: true }),
    })
    const step = eventsOf(run, 'step-finished').find(
      event => event['host'] === 'web2' && `${event['step']}`.startsWith(`${slot}/`),
    )
    expect(JSON.stringify(step?.['outcome'])).toMatch(/time limit/)
    expect(outputOf(run, 'web2', slot)).toEqual(['hanging'])
    expect(outputOf(run, 'web1', slot)).toEqual(['well'])
    // No host went past the barrier.
    expect(phasesOf(run)).not.toContain(slot === 'build' ? 'verify' : 'health')
    expect(await Promise.all(NAMES.map(name => runningOn(fleet, name)))).toEqual([[], [], []])
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
    expect(await leftovers(fleet, project)).toEqual([])
  },
)
