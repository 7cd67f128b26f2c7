import type { HostName, StageName } from './names.ts'
import type { AnyRecipe, StepsBySlot } from './recipe.ts'
import type { EnvValue, Step } from './step.ts'
import type { Channel, VersionScheme, VersionSource } from './version-policy.ts'

/** One SSH destination with a short name, every default filled in. */
export interface Host {
  readonly name: HostName
  readonly address: string
  readonly user: string | undefined
  readonly port: number | undefined
  readonly identityFile: string | undefined
  readonly knownHostsFile: string | undefined
  readonly jump: string | undefined
  readonly labels: readonly string[]
  /** The package repository on this host; absolute. */
  readonly root: string
  /** The Python that runs the remote end: a program name or an absolute path. */
  readonly python: string
  readonly client: 'node-ssh' | 'openssh' | 'local'
}

/** How hosts are reached, for all of them. */
export interface SshSettings {
  readonly configFile: string | undefined
  readonly knownHostsFile: string | undefined
  readonly hostKeys: 'strict' | 'accept-new'
  readonly connectTimeoutMs: number
  readonly forwardAgent: boolean
}

/** Where the sdist comes from. `build` is run on the runner with `--build`. */
export interface ArtifactSettings {
  readonly sdist: string
  readonly build: readonly string[] | undefined
}

/** What outlives revisions: paths in `{root}/shared`, each linked from the same path of every revision. In order, none twice. */
export interface SharedSettings {
  /** Made where they are missing. */
  readonly directories: readonly string[]
  /** Somebody puts them there: a deploy never does. */
  readonly files: readonly string[]
}

/** Which revisions a stage takes. */
export interface StagePolicy {
  readonly accepts: readonly Channel[]
  /** The stage, with all its hosts, on which a revision has to have been live before. */
  readonly after: { readonly stage: StageName; readonly hosts: readonly Host[] } | undefined
}

/** How many hosts the phase `activate` works on at once. */
export interface Activation {
  /** `undefined`: all of them. */
  readonly batch: { readonly hosts: number } | { readonly percent: number } | undefined
  /** Between two batches. */
  readonly pauseMs: number
}

/** One stage, fully resolved: what a run works on. */
export interface Target {
  readonly project: string
  readonly stage: StageName
  /** Every stage of the configuration: their links may stand in the same root, and pruning must spare theirs too. */
  readonly stages: ReadonlyMap<StageName, { readonly keepRevisions: number }>
  /** The selected hosts, by name. */
  readonly hosts: readonly Host[]
  /** Hosts of the stage that `--hosts` or `--except` left out. */
  readonly leftOut: readonly HostName[]
  readonly artifact: ArtifactSettings
  /** How the project writes its versions, and where it says the current one. */
  readonly versions: VersionScheme
  readonly version: VersionSource
  readonly policy: StagePolicy
  /** For every stage of the configuration: the other stages whose builds it installs, the nearest first. */
  readonly builtBy: ReadonlyMap<StageName, readonly StageName[]>
  readonly ssh: SshSettings
  readonly recipes: readonly AnyRecipe[]
  /** The configuration's own steps; in a slot they come in this order. Those of `verify` stand in the slot of that name. */
  readonly verify: readonly Step[]
  readonly hooks: StepsBySlot
  readonly stageHooks: StepsBySlot
  readonly shared: SharedSettings
  /** For every step. */
  readonly env: Readonly<Record<string, EnvValue>>
  /** For the steps from `before:switch` on. */
  readonly stageEnv: Readonly<Record<string, EnvValue>>
  readonly keepRevisions: number
  readonly activate: Activation
  /** Hosts worked on at once while connecting, uploading, building and verifying. */
  readonly parallel: number
  /** Silence after which a runner, or a host, counts as lost. */
  readonly heartbeatMs: number
  /** For work on the files of a revision: unpacking, hashing, sealing, removing, comparing. */
  readonly fileTimeoutMs: number
  /** Directory of the configuration file: what relative paths and local steps start from. */
  readonly directory: string
}
