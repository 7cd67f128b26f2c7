import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Fleet, startFleet } from '../../test/support/fleet.ts'
import { makeSdist, type SdistOptions } from '../../test/support/make-sdist.ts'
import { proxiedHost } from '../../test/support/proxied-host.ts'
import type { Measured } from './row.ts'

const command = fileURLToPath(new URL('../../bin/deploy.js', import.meta.url))

/** Hosts, a project that is deployed to them, and the built command. */
export interface BenchFleet extends AsyncDisposable {
  readonly fleet: Fleet
  readonly names: readonly string[]
  /** Where a host is reached: its own address, or that of the proxy before it. */
  at(name: string): { readonly address: string; readonly port: number }
  rootOf(name: string): string
  sdist(version: string, options?: Partial<SdistOptions>): Promise<string>
  /** Runs the command; throws what it printed when it does not end with 0. */
  deploy(args: readonly string[], watch?: (event: EventLine) => void): Promise<Deployed>
  configure(config: object): Promise<void>
}

/** One line of `--json`. */
export type EventLine = Readonly<Record<string, unknown>>

export interface Deployed {
  /** Of the runner's process: the most memory that it had in use. */
  readonly peak: Measured
}

/** @param delaysMs how long a byte is under way to each host and back, in one direction each; none: no proxy */
export async function benchFleet(
  count: number,
  config: object,
  delaysMs: readonly number[] = [],
): Promise<BenchFleet> {
  const names = Array.from({ length: count }, (_, index) => `web${index + 1}`)
  const fleet = await startFleet(names, { kind: 'loopback' })
  const proxies = new Map(
    await Promise.all(
      delaysMs.map(async (delayMs, index) => {
        const name = names[index] ?? ''
        return [name, await proxiedHost(fleet, name, { delayMs })] as const
      }),
    ),
  )
  const directory = join(fleet.directory, 'project')
  const home = join(fleet.directory, 'home')
  for (const each of [join(directory, 'dist'), home]) await mkdir(each, { recursive: true })
  const at = (name: string) => proxies.get(name)?.proxy ?? fleet.host(name)
  const reached = fleet.configFor()
  const hosts = Object.fromEntries(
    names.map(name => [name, { ...reached.hosts[name], address: at(name).address, port: at(name).port }]),
  )
  const configure = (more: object) =>
    writeFile(
      join(directory, 'stage.config.json'),
      JSON.stringify({
        project: 'shop',
        ssh: reached.ssh,
        hosts,
        stages: { live: { hosts: names } },
        ...more,
      }),
    )
  await configure(config)
  return {
    ...{ fleet, names, at, configure },
    rootOf: name => fleet.host(name).root,
    async sdist(version, options = {}) {
      const path = join(directory, `dist/shop-${version}.tar.gz`)
      await writeFile(path, makeSdist({ name: 'shop', version, ...options }))
      return path
    },
    deploy: (args, watch) =>
      runDeploy(args, directory, { PATH: process.env['PATH'], HOME: home, LANG: 'C.UTF-8' }, watch),
    async [Symbol.asyncDispose]() {
      for (const { proxy } of proxies.values()) await proxy[Symbol.asyncDispose]()
      await fleet[Symbol.asyncDispose]()
    },
  }
}

/** Runs the built command in a directory; `watch` is given the events of `--json` as they come. */
export async function runDeploy(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  watch: (event: EventLine) => void = () => undefined,
): Promise<Deployed> {
  const child = spawn(process.execPath, [command, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => void said.push(chunk))
  createInterface(child.stdout).on('line', line => {
    if (line.startsWith('{"v"')) watch(JSON.parse(line))
  })
  const peak = watchPeak(child.pid ?? 0)
  const [code] = await once(child, 'close')
  const text = Buffer.concat(said).toString()
  if (code !== 0) throw new Error(`deploy ${args.join(' ')} ended with ${code}:\n${text.slice(-4000)}`)
  return { peak: peak.stop() }
}

const WATCH_MS = 50
/** Of proc(5), in this system's ticks: sysconf(_SC_CLK_TCK) is 100 on every Linux. */
const TICKS_PER_S = 100

/** Memory and CPU of a process, by what the kernel said of it last (proc(5), VmHWM and stat). */
function watchPeak(pid: number): { stop(): Measured } {
  let last: Measured = {}
  const timer = setInterval(async () => {
    try {
      const status = await readFile(`/proc/${pid}/status`, 'utf8')
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const ticks = Number(fields[11]) + Number(fields[12])
      // A process that has ended and is not waited for yet has no memory any more.
      const peakKiB = /VmHWM:\s+(\d+)/.exec(status)?.[1]
      const peakMiB = peakKiB === undefined ? last['MiB'] : Number(peakKiB) / 1024
      last = { MiB: peakMiB ?? 0, 'CPU s': ticks / TICKS_PER_S }
    } catch {
      // It has ended.
    }
  }, WATCH_MS)
  return {
    stop: () => {
      clearInterval(timer)
      return last
    },
  }
}
