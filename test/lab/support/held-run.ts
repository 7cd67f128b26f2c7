import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Step, script, sh } from '../../../src/index.ts'
import type { RunningDeployment } from '../../e2e/support/deploy.ts'
import { everywhere, leftovers, links, runningOn } from '../../e2e/support/hosts.ts'
import { makeProject, type Project, type ProjectConfig } from '../../e2e/support/project.ts'
import { type ReleaseOptions, release } from '../../e2e/support/releases.ts'
import type { Fleet } from '../../support/fleet.ts'

const STAGE = 'production'

/** Where a run can be held: every slot whose steps a configuration may write, but for the sides of `upload`. */
export const heldSlots = [
  'build',
  'verify',
  'before:switch',
  'after:switch',
  'activate',
  'health',
  'after:health',
  'before:prune',
] as const
export type HeldSlot = (typeof heldSlots)[number]

/**
 * Says that it is there and stays, with a child of its own, where the host's `hold` names this revision and this slot.
 * Told to end, it takes a moment, as programs do that put something in order first.
 */
const held = (slot: HeldSlot): Step =>
  script(
    sh`slot=${slot}
trap 'sleep 0.6; exit 1' TERM
is_held() { test "$(cat "$DEPLOY_ROOT/hold" 2>/dev/null)" = "$DEPLOY_REVISION $slot"; }
if is_held; then
  sleep 600 > /dev/null 2>&1 &
  echo held
  while is_held; do sleep 0.05; done
  kill "$!"
fi`,
    { title: `pass ${slot}` },
  )

/** What processes use is what this wrote last. */
const activate = script(sh`echo "$DEPLOY_REVISION" > "$DEPLOY_ROOT/active"`, { title: 'activate' })

/** Every slot has work in it; a step of any of them can be held. */
export const heldHooks: Readonly<Record<string, readonly Step[]>> = Object.fromEntries(
  heldSlots.map(slot => [slot, slot === 'activate' ? [activate, held(slot)] : [held(slot)]]),
)

/** One project on which run after run is made, so that history accumulates: each of a newer version. */
export interface Succession {
  readonly fleet: Fleet
  readonly project: Project
  /** What is live. */
  live: string
  /** Writes the sdist of the next version. */
  next(options?: ReleaseOptions): Promise<Wanted>
  deploy(wanted: Wanted): RunningDeployment
}

/** What a run is to make live. */
export interface Wanted {
  readonly revision: string
  readonly sdist: string
}

/** Begins with a first version that is live on all hosts. */
export async function beginSuccession(fleet: Fleet, config: ProjectConfig = {}): Promise<Succession> {
  const project = await makeProject(fleet, { hooks: heldHooks, ...config })
  let minor = 0
  const next = async (options?: ReleaseOptions) => {
    const version = `1.${minor}`
    minor += 1
    return { revision: `shop-${version}`, sdist: await release(project, version, options) }
  }
  const deploy = ({ sdist }: Wanted) => project.start([STAGE, sdist, '--json'])
  const first = await next()
  const { code, stdout, stderr } = await deploy(first).ended
  if (code !== 0) throw new Error(stdout + stderr)
  return { fleet, project, live: first.revision, next, deploy }
}

const nameOf = (project: Project, host: string) => join(project.rootOf(host), 'hold')

/** From now on a run to this revision stays in this slot of these hosts. */
export async function hold(
  { project }: Succession,
  hosts: readonly string[],
  { revision }: Wanted,
  slot: HeldSlot,
): Promise<void> {
  await Promise.all(hosts.map(host => writeFile(nameOf(project, host), `${revision} ${slot}\n`)))
}

/** Lets what is held on all hosts go on. */
export async function letGo({ fleet, project }: Succession): Promise<void> {
  await Promise.all(fleet.hosts.map(({ name }) => rm(nameOf(project, name), { force: true })))
}

/** What a run has on its hosts. */
export async function startedOn(fleet: Fleet): Promise<readonly string[]> {
  const found = fleet.hosts.map(async ({ name }) =>
    (await runningOn(fleet, name)).map(command => `${name}: ${command.slice(0, 60)}`),
  )
  return (await Promise.all(found)).flat()
}

/** Directories that are named as revisions and have no record of being one. */
async function unfinished({ fleet, project }: Succession) {
  const found = fleet.hosts.map(async ({ name }) => {
    const entries = await readdir(project.rootOf(name), { withFileTypes: true })
    const directories = entries.filter(entry => entry.isDirectory() && entry.name.startsWith('shop-'))
    const states = directories.map(async directory => {
      const inside = await readdir(join(project.rootOf(name), directory.name))
      return inside.includes('.revision.json') ? [] : [{ host: name, revision: directory.name }]
    })
    return (await Promise.all(states)).flat()
  })
  return (await Promise.all(found)).flat()
}

/** What processes use on every host, by name. */
export async function active({ fleet, project }: Succession): Promise<Readonly<Record<string, string>>> {
  const read = fleet.hosts.map(async ({ name }) => {
    const text = await readFile(join(project.rootOf(name), 'active'), 'utf8')
    return [name, text.trim()] as const
  })
  return Object.fromEntries(await Promise.all(read))
}

/** `status --json` of the stage, with its exit code. */
export async function statusOf({
  project,
}: Pick<Succession, 'project'>): Promise<Readonly<Record<string, unknown>>> {
  const { code, stdout } = await project.deploy(['status', STAGE, '--json'])
  return { code, ...JSON.parse(stdout).stages[STAGE] }
}

/** The links, which stand side by side with what processes use: both on one revision, everywhere. */
export async function expectLive(succession: Succession, revision: string): Promise<void> {
  const { fleet, project } = succession
  expect(await links(fleet, project, STAGE)).toEqual(everywhere(fleet, revision))
  expect(await active(succession)).toEqual(everywhere(fleet, revision))
}

/** No temporary file, and no revision half made. */
export async function expectNothingHalfMade(succession: Succession): Promise<void> {
  expect(await leftovers(succession.fleet, succession.project)).toEqual([])
  expect(await unfinished(succession)).toEqual([])
}

/** No lock, and nothing that `status` calls open or split. */
export async function expectNothingOpen(succession: Succession, revision: string): Promise<void> {
  const { fleet } = succession
  expect(await statusOf(succession)).toMatchObject({
    code: 0,
    uniform: true,
    split: null,
    hosts: everywhere(fleet, { reachable: true, live: revision, open: null, lock: null }),
  })
}
