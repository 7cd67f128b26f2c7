import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { startFleet } from '../support/fleet.ts'
import { mustRun, runProgram } from '../support/run-program.ts'
import { makeScratchDirectory } from '../support/scratch-directory.ts'
import { KINDS } from './kinds.ts'

const EVENTUALLY = { timeout: 15_000 }

/** What a fleet holds of this machine. */
interface Holdings {
  readonly directory: string
  readonly pids: readonly string[]
  readonly devices: readonly string[]
}

/** @param owner the process that started the fleet, and nothing else */
async function holdingsOf(owner: number, directory: string, addresses: readonly string[]): Promise<Holdings> {
  const pids: string[] = [`${owner}`]
  for (const pid of pids) {
    const children = await runProgram(['ps', '-o', 'pid=', '--ppid', pid])
    pids.push(...children.stdout.split(/\s+/).filter(child => child !== ''))
  }
  const routes = await Promise.all(addresses.map(address => mustRun(['ip', 'route', 'get', address])))
  const devices = routes.map(route => /dev (\S+)/.exec(route)?.[1] ?? '').filter(device => device !== 'lo')
  return { directory, pids: pids.slice(1), devices }
}

/** Names whatever is still there. */
async function remains({ directory, pids, devices }: Holdings): Promise<readonly string[]> {
  const processes = await runProgram(['ps', '-o', 'stat=,pid=,args=', '-p', pids.join(',')])
  const alive = processes.stdout.split('\n').filter(line => line !== '' && !line.startsWith('Z'))
  const links = await Promise.all(devices.map(device => runProgram(['ip', 'link', 'show', device])))
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .filter(line => line.includes(directory))
  const there = (await exists(directory)) ? [directory] : []
  return [...alive, ...links.flatMap(link => (link.code === 0 ? [link.stdout] : [])), ...mounts, ...there]
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

/** A session that goes on, a daemon, and a sealed tree: what a test may leave when it ends in the middle. */
const MESS =
  'mkdir -p $HOME/sealed/sub && chmod -R a-w $HOME/sealed; setsid -f sleep 1234 > /dev/null 2>&1; sleep 1235'

interface Announcement {
  readonly directory: string
  readonly addresses: readonly string[]
}

/** The fleet runs in a process of its own, so that it can be told apart from the tests, and killed. */
async function startElsewhere(kind: string) {
  const program = fileURLToPath(new URL('start-fleet-and-wait.ts', import.meta.url))
  const owner = spawn(process.execPath, ['--import', 'jiti/register', program, kind, MESS], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void owner.kill('SIGKILL'))
  const gone = once(owner, 'close')
  const [line] = await once(createInterface({ input: owner.stdout }), 'line')
  const announced: Announcement = JSON.parse(String(line))
  return { owner, gone, holdings: await holdingsOf(owner.pid ?? 0, announced.directory, announced.addresses) }
}

test.each(KINDS)(
  'a fleet of %s that is disposed of leaves no process, network, mount or file',
  async kind => {
    const { owner, gone, holdings } = await startElsewhere(kind)
    expect(holdings.pids.length).toBeGreaterThan(6)
    expect(holdings.devices.length).toBe(kind === 'namespaces' ? 2 : 0)
    owner.stdin.end()
    expect((await gone)[0]).toBe(0)
    expect(await remains(holdings)).toEqual([])
  },
)

test.each(KINDS)('a fleet of %s whose owner is killed takes itself away', async kind => {
  const { owner, gone, holdings } = await startElsewhere(kind)
  owner.kill('SIGKILL')
  await gone
  await expect.poll(() => remains(holdings), EVENTUALLY).toEqual([])
})

test('the directory of an owner that is gone is removed at the next start, sealed trees too', async () => {
  const dead = spawn('true')
  await once(dead, 'close')
  const stale = join(tmpdir(), `stage-fleet-${dead.pid}-stale`)
  await mkdir(join(stale, 'sealed'), { recursive: true })
  await writeFile(join(stale, 'sealed/file'), '')
  await chmod(join(stale, 'sealed'), 0o500)
  await using scratch = await makeScratchDirectory()
  expect([await exists(stale), await exists(scratch.path)]).toEqual([false, true])
})

test('a fleet that cannot start leaves nothing either', async () => {
  const broken = startFleet(['web1', 'web2'], {
    overrides: { web2: { sshdOptions: { NoSuchKeyword: 'yes' } } },
  })
  await expect(broken).rejects.toThrow('web2')
  const left = await runProgram(['pgrep', '-f', `stage-fleet-${process.pid}-`])
  expect(left.stdout).toBe('')
})
