/** The short name of a host in a configuration: `web1`. */
export type HostName = string
/** The name of a stage and of its link: `production`. */
export type StageName = string
/** `{Name}-{version}`: one immutable directory in the root. */
export type RevisionName = string
/** Lower-case hexadecimal SHA-256 (FIPS 180-4). */
export type Sha256 = string

/** What a command is about to do to a stage. */
export type Intent = 'deploy' | 'prepare' | 'promote' | 'rollback' | 'recover'

export const phaseNames = [
  'lock',
  'upload',
  'build',
  'verify',
  'seal',
  'switch',
  'activate',
  'health',
  'prune',
] as const
/** A named stretch of a run; the next one starts when every host is done. `seal` is the verdict after `verify`. */
export type PhaseName = (typeof phaseNames)[number]

export const slotNames = [
  'before:upload',
  'upload',
  'after:upload',
  'before:build',
  'build',
  'after:build',
  'before:verify',
  'verify',
  'after:verify',
  'before:switch',
  'after:switch',
  'before:activate',
  'activate',
  'after:activate',
  'before:health',
  'health',
  'after:health',
  'before:prune',
  'prune',
  'after:prune',
  'failed',
] as const
/** Where a recipe or a hook puts its steps. `switch` has no inside: it is one system call. */
export type Slot = (typeof slotNames)[number]

/** Slots up to the seal. A revision is stage-neutral: their steps see no stage and cannot be set per stage. */
export const neutralSlots: readonly Slot[] = slotNames.slice(0, slotNames.indexOf('before:switch'))
/** Slots that a stage may fill for itself. */
export type StageSlot = Exclude<
  Slot,
  | 'before:upload'
  | 'upload'
  | 'after:upload'
  | 'before:build'
  | 'build'
  | 'after:build'
  | 'before:verify'
  | 'verify'
  | 'after:verify'
>
