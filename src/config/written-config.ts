import type { StageSlot } from '../model/names.ts'
import type { Recipe, StepsBySlot } from '../model/recipe.ts'
import type { EnvValue, Step } from '../model/step.ts'
import type { Host, SshSettings } from '../model/target.ts'
import type { Channel, VersionScheme } from '../model/version-policy.ts'
import type { Duration } from '../recipe/duration.ts'

/** One host as it is written, when `[user@]address[:port]` does not say enough. */
export interface WrittenHost<Label extends string = string> {
  /** A host name, an alias of the SSH configuration, or an IP address. */
  readonly address: string
  readonly user?: string
  readonly port?: number
  readonly identityFile?: string
  readonly knownHostsFile?: string
  /** `[user@]address[:port]` of a host to go through; several with commas between. */
  readonly jump?: string
  readonly labels?: readonly Label[]
  /** Overrides the configuration's `root`. */
  readonly root?: string
  /** The Python 3.8 or newer that runs the remote end. Default: `python3`. */
  readonly python?: string
  /** Overrides `ssh.client`. */
  readonly client?: Host['client']
}

/** How hosts are reached, for all of them. */
export interface WrittenSsh {
  /** Default: `node-ssh`. */
  readonly client?: Host['client']
  /** Default: what ssh(1) reads. */
  readonly configFile?: string
  /** Default: what ssh(1) reads. */
  readonly knownHostsFile?: string
  /** Default: `strict`. `accept-new` records the key of a host that was never seen; a changed key is refused. */
  readonly hostKeys?: SshSettings['hostKeys']
  /** Default: 10 seconds. */
  readonly connectTimeout?: Duration
  /** Default: false. */
  readonly forwardAgent?: boolean
}

/** Where the sdist comes from. */
export interface WrittenArtifact {
  /** A glob; of several the highest version wins. Default: `dist/*.tar.gz`. */
  readonly sdist?: string
  /** What `--build` runs on the runner. */
  readonly build?: readonly string[]
}

/** Where the version is written down besides the sdist, which has to say the same. */
export type WrittenVersion =
  | 'sdist'
  /** The pattern matches once; its first group is the version. `^` and `$` in a text are the ends of a line. */
  | { readonly file: string; readonly pattern: string | RegExp }
  /** The tag that `git describe` finds. Default of `tagPrefix`: `v`. */
  | { readonly git: 'describe'; readonly tagPrefix?: string }
  /** A program of the runner that prints it. */
  | { readonly command: readonly string[] }

/** How the processes of a stage are told to use a revision: some hosts after the others. */
export interface WrittenActivation {
  /** So many hosts at once, or so much of the hosts, rounded down, at least one. */
  readonly batch: number | `${number}%`
  /** Between two batches. Default: none. */
  readonly pause?: Duration
}

/** What outlives revisions, by paths in `{root}/shared`; linked into each revision at the same path. */
export interface WrittenShared {
  /** Made where they are missing. */
  readonly directories?: readonly string[]
  /** Must be there already. */
  readonly files?: readonly string[]
}

/** One stage as it is written. */
export interface WrittenStage<
  Name extends string = string,
  Label extends string = string,
  Stage extends string = string,
> {
  /** Names of hosts, or the label that its hosts have. */
  readonly hosts: readonly Name[] | { readonly label: Label }
  /** The channels of the versions that it takes. Default: all of them. */
  readonly accepts?: readonly Channel[]
  /** Only what was live on this stage before. */
  readonly after?: Stage
  /**
   * Other stages whose builds its hosts may install, where this machine kept them. Those that it comes after need not
   * be named. Default: none.
   */
  readonly builtBy?: readonly Stage[]
  /** How many revisions that were live a host keeps. Default: 5, at least 2. */
  readonly keepRevisions?: number
  /** How many hosts `activate` works on at once. Default: all of them. */
  readonly activate?: WrittenActivation
  /** Variables for the steps of `before:switch` and later. */
  readonly env?: Readonly<Record<string, EnvValue>>
  /** Steps of this stage only, in slots of `before:switch` and later: until then a revision knows no stage. */
  readonly hooks?: Readonly<Partial<Record<StageSlot, readonly Step[]>>>
}

/** A configuration as it is written in TypeScript. Everything but project, hosts and stages has a default. */
export interface WrittenConfig<
  Name extends string = string,
  Label extends string = string,
  Stage extends string = string,
> {
  /** The name of the Python project, as its sdist says it. */
  readonly project: string
  /** The package repository on every host, absolute. Default: `/var/webcode`. */
  readonly root?: string
  readonly artifact?: string | WrittenArtifact
  /** How the project writes its versions; never guessed. Default: `pep440`. */
  readonly versions?: VersionScheme
  /** Where the version is written down. Default: `sdist`, nowhere else. */
  readonly version?: WrittenVersion
  /** By short name: `[user@]address[:port]`, or an object. */
  readonly hosts: Readonly<Record<Name, string | WrittenHost<Label>>>
  readonly ssh?: WrittenSsh
  readonly stages: {
    readonly [S in Stage]: WrittenStage<NoInfer<Name>, NoInfer<Label>, NoInfer<Exclude<Stage, S>>>
  }
  /** In order. Default: `[python()]`. */
  readonly recipes?: readonly Recipe<Recipe['facts'], NoInfer<Name | Label>>[]
  /** Steps of every stage's `verify`. */
  readonly verify?: readonly Step[]
  /** Steps of every stage, by slot. */
  readonly hooks?: StepsBySlot
  readonly shared?: WrittenShared
  /** Variables for every step. */
  readonly env?: Readonly<Record<string, EnvValue>>
  /** How many hosts are connected to, uploaded to, built and verified on at once. Default: 50. */
  readonly parallel?: number
  /** Silence after which a runner, or a host, counts as lost. Default: 30 seconds, at least 3. */
  readonly heartbeat?: Duration
  /**
   * How long a host may work on the files of a revision: unpack, hash, seal, compare or remove it; of a transfer, how
   * long it may stand still. Default: 10 minutes, at least 1.
   */
  readonly fileTimeout?: Duration
}
