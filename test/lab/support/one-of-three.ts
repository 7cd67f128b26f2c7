import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Step, script, sh } from '../../../src/index.ts'
import type { Deployment, RunningDeployment } from '../../e2e/support/deploy.ts'
import { everywhere, journal, leftovers, links, runningOn } from '../../e2e/support/hosts.ts'
import { makeProject, type Project, type ProjectConfig } from '../../e2e/support/project.ts'
import { release } from '../../e2e/support/releases.ts'
import type { Fleet } from '../../support/fleet.ts'
import { copyOf } from './copy-of.ts'
import { FULL, heartbeat, UNDONE_MS } from './size.ts'

/** The hosts of a test in which web2 is the one that something happens to. */
export const NAMES = ['web1', 'web2', 'web3']
export const OTHERS = ['web1', 'web3']

/** What processes use is what this wrote last. */
export const activate: Step = script(sh`echo "$DEPLOY_REVISION" >> "$DEPLOY_ROOT/active"`, {
  title: 'activate',
})

/** Says that it is there, and stays; for the old revision it ends at once. */
export const stays: Step = script(
  sh`echo "here with $DEPLOY_REVISION"; test "$DEPLOY_VERSION" = 1.0 || exec sleep 600`,
  { title: 'stay' },
)

/** Ends at once where no gate stands; waits until it is opened where one does: `gate` in the root. */
export const gate: Step = script(
  sh`test ! -e "$DEPLOY_ROOT/gate" || { echo "at the gate"; while test -e "$DEPLOY_ROOT/gate"; do sleep 0.05; done; }`,
  { title: 'wait at the gate' },
)

/** What was deployed once, by its configuration, for every test of a file to begin with a copy of it. */
const deployed = new Map<string, Promise<Project>>()

/** Live on 1.0 everywhere, configured like this for what comes next. */
export async function liveOn10(fleet: Fleet, config: ProjectConfig): Promise<Project> {
  const key = JSON.stringify([fleet.directory, config])
  const original = deployed.get(key) ?? deployOn10(fleet, config)
  deployed.set(key, original)
  return await copyOf(fleet, await original, config)
}

async function deployOn10(fleet: Fleet, config: ProjectConfig): Promise<Project> {
  const project = await makeProject(fleet, config)
  const { code, stdout, stderr } = await project.deploy(['production', await release(project, '1.0')])
  if (code !== 0) throw new Error(stdout + stderr)
  return project
}

/** The run's end, which must come: nothing waits for ever. Times here are promised limits, not measurements. */
export async function endsWithin(run: RunningDeployment, limitMs: number): Promise<Deployment> {
  const limit = new AbortController()
  const late = sleep(limitMs, 'late' as const, { signal: limit.signal, ref: false })
  const first = await Promise.race([run.ended, late])
  limit.abort()
  run.signal('SIGKILL')
  return first === 'late' ? expect.fail(`the run has not ended within ${limitMs} ms`) : first
}

/** For a lost host a run asks for 120 s, or until somebody who knows better interrupts it twice: that reads nothing back. */
export async function givesUp(run: RunningDeployment): Promise<Deployment> {
  if (!FULL) {
    run.signal('SIGINT')
    // What comes at once is the echo of the first one.
    await sleep(500)
    run.signal('SIGINT')
  }
  return await endsWithin(run, 200_000)
}

/** What a run has started on the hosts. */
const startedByUs = async (fleet: Fleet) => await Promise.all(NAMES.map(name => runningOn(fleet, name)))

/** Nothing that a run started is there any more, once remote ends had their time. */
export async function expectNothingRunning(fleet: Fleet): Promise<void> {
  await expect.poll(() => startedByUs(fleet), { timeout: UNDONE_MS, interval: 100 }).toEqual([[], [], []])
}

/** Nothing is running, nothing lies about, and `status` calls the stage fine, live on this revision everywhere. */
export async function expectAtRest(fleet: Fleet, project: Project, revision: string): Promise<void> {
  await expectNothingRunning(fleet)
  expect(await links(fleet, project, 'production')).toEqual(everywhere(fleet, revision))
  expect(await leftovers(fleet, project)).toEqual([])
  expect(await status(project)).toMatchObject({
    code: 0,
    uniform: true,
    split: null,
    hosts: everywhere(fleet, { reachable: true, live: revision, open: null, lock: null }),
  })
}

/** `status --json` of the stage, with its exit code. */
export async function status(project: Project): Promise<Readonly<Record<string, unknown>>> {
  const { code, stdout } = await project.deploy(['status', 'production', '--json'])
  return { code, ...JSON.parse(stdout).stages.production }
}

/** What was activated on each host, in order. */
export async function activated(fleet: Fleet, project: Project): Promise<Readonly<Record<string, string>>> {
  const read = NAMES.map(async name => {
    const { stdout } = await fleet.host(name).run(['cat', `${project.rootOn(name)}/active`])
    return [name, stdout.trim().split('\n').join(' ')] as const
  })
  return Object.fromEntries(await Promise.all(read))
}

/** What a host's journal says of the latest switch, in order. */
export async function recordOf(project: Project, host: string): Promise<readonly unknown[]> {
  const entries = await journal(project, host)
  const latest = entries.findLast(({ what }) => what === 'intent')?.['id']
  return entries.filter(({ id }) => id !== undefined && id === latest).map(({ what }) => what)
}

/** No manual step: the next run goes through, and what it activates is what it switched to. */
export async function expectNextRunConverges(fleet: Fleet, project: Project): Promise<void> {
  await project.configure({ heartbeat, hooks: { activate: [activate] } })
  const next = await project.deploy(['production', await release(project, '1.1')])
  expect(next.code, next.stdout + next.stderr).toBe(0)
  await expectAtRest(fleet, project, 'shop-1.1')
  for (const list of Object.values(await activated(fleet, project))) expect(list).toMatch(/ shop-1\.1$/)
}
