import type { HostName, StageName } from './names.ts'

/** How a project writes its versions. Never guessed: `1.2.3-1` comes after 1.2.3 in PEP 440, and before it in SemVer. */
export type VersionScheme = 'pep440' | 'semver'

/** How finished a version is, from the most finished to the least. */
export const channels = ['final', 'post', 'rc', 'beta', 'alpha', 'dev', 'local'] as const
export type Channel = (typeof channels)[number]

/** A channel that a stage does not accept, let in for one run. It is on the record. */
export interface PolicyException {
  readonly channel: Channel
  readonly reason: string
}

/** What a plan found of the policy of its stage; it says why the run may go on. */
export interface PolicyResult {
  readonly scheme: VersionScheme
  /** The version, as the scheme writes it. */
  readonly version: string
  readonly channel: Channel
  readonly accepts: readonly Channel[]
  /** Undefined: the stage accepts the channel. */
  readonly exception: PolicyException | undefined
  /** The hosts of that stage by whose journals the revision was live there. Undefined: nothing is asked. */
  readonly after: { readonly stage: StageName; readonly hosts: readonly HostName[] } | undefined
}

/** Where the version of the project is written down besides the sdist, which has to say the same. */
export type VersionSource =
  | { readonly kind: 'sdist' }
  /** `path` is absolute; the pattern matches exactly once, and its first group is the version. */
  | { readonly kind: 'file'; readonly path: string; readonly pattern: RegExp }
  /** The tag that git-describe(1) finds; `tagPrefix` stands before its version. */
  | { readonly kind: 'git'; readonly tagPrefix: string }
  /** A program that prints it. */
  | { readonly kind: 'command'; readonly argv: readonly string[] }
