import type { HostName, StageName } from '../model/names.ts'
import type { AnyRecipe, StepsBySlot } from '../model/recipe.ts'
import type { EnvValue, Step } from '../model/step.ts'
import type { Activation, ArtifactSettings, Host, SharedSettings, SshSettings } from '../model/target.ts'
import type { Channel, VersionScheme, VersionSource } from '../model/version-policy.ts'

/** One stage with every default filled in. */
export interface ResolvedStage {
  readonly name: StageName
  /** Names of configured hosts, in order of name, none twice. */
  readonly hosts: readonly HostName[]
  readonly accepts: readonly Channel[]
  /** The stage on which a revision has to have been live before; a configured one, and no circle. */
  readonly after: StageName | undefined
  /** Other configured stages whose builds it installs, besides those that it comes after. */
  readonly builtBy: readonly StageName[]
  readonly keepRevisions: number
  readonly activate: Activation
  readonly env: Readonly<Record<string, EnvValue>>
  readonly hooks: StepsBySlot
}

/** A configuration in which nothing is wrong, with every default filled in and every path absolute. */
export interface ResolvedConfig {
  readonly project: string
  readonly artifact: ArtifactSettings
  readonly versions: VersionScheme
  readonly version: VersionSource
  readonly hosts: ReadonlyMap<HostName, Host>
  readonly ssh: SshSettings
  readonly stages: ReadonlyMap<StageName, ResolvedStage>
  readonly recipes: readonly AnyRecipe[]
  /** In the slot of that name, before what `hooks` put there. */
  readonly verify: readonly Step[]
  readonly hooks: StepsBySlot
  readonly shared: SharedSettings
  readonly env: Readonly<Record<string, EnvValue>>
  readonly parallel: number
  readonly heartbeatMs: number
  readonly fileTimeoutMs: number
  /** The configuration file; absolute. */
  readonly file: string
  /** The directory it stands in. */
  readonly directory: string
}
