import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Step } from '../../../src/index.ts'
import type { Fleet, FleetConfig } from '../../support/fleet.ts'
import type { TestHost } from '../../support/test-host.ts'
import { type Deployment, type DeployOptions, type RunningDeployment, startDeploy } from './deploy.ts'
import { PROJECT } from './releases.ts'

/** What of a configuration a test writes itself: plain data, so that every file format can hold it. */
export interface ProjectConfig {
  readonly project?: string
  /** Default: `staging` and `production`, both on all hosts of the fleet. */
  readonly stages?: Readonly<Record<string, StageSetting>>
  readonly hosts?: Readonly<Record<string, object | string>>
  readonly ssh?: object
  /** Default: none, for a deploy that takes a second; `withPython` for real ones. */
  readonly recipes?: readonly (string | Readonly<Record<string, object>>)[]
  readonly verify?: readonly (Step | object)[]
  readonly hooks?: Readonly<Record<string, readonly Step[]>>
  readonly env?: object
  readonly heartbeat?: string
  readonly parallel?: number
  readonly artifact?: object | string
  readonly versions?: string
  readonly version?: object | string
  readonly shared?: object
}

export interface StageSetting {
  readonly hosts: readonly string[] | { readonly label: string }
  readonly accepts?: readonly string[]
  readonly after?: string
  readonly builtBy?: readonly string[]
  readonly keepRevisions?: number
  readonly env?: object
  readonly hooks?: Readonly<Record<string, readonly Step[]>>
}

export type ConfigFormat = 'ts' | 'json' | 'yaml'

export interface ProjectOptions {
  /** By default JSON: it is read without a compiler, which takes a third of the processor time of a command that changes nothing. */
  readonly format?: ConfigFormat
  /** By default every project has a root of its own below the host's, so that no test sees another one's. */
  readonly root?: 'own' | "the host's"
}

/** The python recipe without an index: setuptools and wheel come from Debian's own wheels on the host. */
export const withPython = { python: { pipArgs: ['--no-index', '--find-links', '/usr/share/python-wheels'] } }

/** A directory with a configuration for the hosts of a fleet, as a team has it beside its code. */
export interface Project {
  readonly directory: string
  /** The root on one host, as the host sees it. */
  rootOn(host: string): string
  /** The same directory as this process sees it. */
  rootOf(host: string): string
  /** Writes the configuration again; the root stays. */
  configure(config: ProjectConfig): Promise<void>
  /** Runs the command to its end. */
  deploy(args: readonly string[], options?: DeployOptions): Promise<Deployment>
  /** Starts the command, for what happens to it on its way. */
  start(args: readonly string[], options?: DeployOptions): RunningDeployment
}

/** Makes a project; it goes with the fleet's directory. */
export async function makeProject(
  fleet: Fleet,
  config: ProjectConfig = {},
  { format = 'json', root = 'own' }: ProjectOptions = {},
): Promise<Project> {
  const directory = await mkdtemp(join(fleet.directory, 'project-'))
  const below = root === 'own' ? basename(directory) : ''
  const rootOn = (host: TestHost) => join(host.root, below)
  if (root === 'own') for (const host of fleet.hosts) await mustSucceed(host, ['mkdir', rootOn(host)])
  const configure = async (written: ProjectConfig) => {
    const { text, name } = formatted(format, whole(fleet, rootOn, written))
    await writeFile(join(directory, name), text)
  }
  await configure(config)
  await mkdir(join(directory, 'dist'))
  return {
    directory,
    rootOn: name => rootOn(fleet.host(name)),
    rootOf: name => join(fleet.host(name).outside, below),
    configure,
    deploy: async (args, options) => await startDeploy(directory, fleet, args, options).ended,
    start: (args, options) => startDeploy(directory, fleet, args, options),
  }
}

function whole(fleet: Fleet, rootOn: (host: TestHost) => string, config: ProjectConfig) {
  const reached: FleetConfig = fleet.configFor()
  const names = fleet.hosts.map(host => host.name)
  const hosts = Object.fromEntries(
    fleet.hosts.map(host => [host.name, { ...reached.hosts[host.name], root: rootOn(host) }]),
  )
  return {
    ...{ project: PROJECT, stages: { staging: { hosts: names }, production: { hosts: names } }, recipes: [] },
    ...config,
    hosts: { ...hosts, ...config.hosts },
    ssh: { ...reached.ssh, ...config.ssh },
  }
}

function formatted(format: ConfigFormat, config: object): { readonly name: string; readonly text: string } {
  const json = JSON.stringify(config, undefined, 2)
  switch (format) {
    case 'ts': {
      const text = `import { defineConfig } from 'stage-deploy'\n\nexport default defineConfig(${json})\n`
      return { name: 'stage.config.ts', text }
    }
    case 'json':
      return { name: 'stage.config.json', text: `${json}\n` }
    case 'yaml':
      return { name: 'stage.config.yaml', text: yaml(config) }
  }
}

/** YAML 1.2 takes JSON as it is; a block at the top makes it a file that a person would have written. */
const yaml = (config: object): string =>
  Object.entries(config)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('')

async function mustSucceed(host: TestHost, argv: readonly string[]): Promise<void> {
  const { code, stderr } = await host.run(argv)
  if (code !== 0) throw new Error(`${host.name}: ${argv.join(' ')}: ${stderr}`)
}
