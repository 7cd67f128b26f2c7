import type { EnvValue, UndoStep } from '../model/step.ts'
import { withoutCredentials } from '../shell/credentials.ts'
import type { Duration } from './duration.ts'
import type { Place } from './place.ts'
import { readText, unexpected } from './readers.ts'

/** What every step may say about itself besides what it does. */
export interface StepOptions {
  /** What it is called in a plan and in output. Default: its own words. */
  readonly title?: string
  /** After this its processes are killed and the step has failed. Default: 10 minutes. */
  readonly timeout?: Duration
  /**
   * For recipes: the name of their own option for `timeout`, said where the step takes too long. Default: `timeout` of
   * the step.
   */
  readonly timeoutOption?: string
  /** Variables, on top of `DEPLOY_*` and a clean environment. */
  readonly env?: Readonly<Record<string, EnvValue>>
  /** Directory to start in, below the revision (on the runner: below the configuration's directory). */
  readonly cwd?: string
  /** `true`: on the first host by name only; a label: on the first host by name that has it. */
  readonly once?: boolean | string
  /**
   * What undoes it when the switch is put back. Default: a step of `after:switch` or `activate` is run again for
   * the old revision. `false`: nothing.
   */
  readonly undo?: UndoStep | false
}

/** What a program on a host may say besides. */
export interface ExecOptions extends StepOptions {
  /** As root, through sudo without a password: `sudo -n --`. Its variables arrive, secrets too. */
  readonly sudo?: boolean
  /** It runs once for all hosts on which it would make the same. */
  readonly share?: ShareOptions
}

/** How one run of a build step does for several hosts. Only in the slot `build`. */
export interface ShareOptions {
  /** Hosts that give the same key get what the first of them made: the platform, say. */
  readonly key: string
  /** The directory in `DEPLOY_PRODUCTS` that the step fills with plain files. Default: `products`. */
  readonly name?: string
  /**
   * What else decides what it makes; the sdist and the step's variables always do. Hosts with other inputs do not share.
   * Default: the step's arguments.
   */
  readonly inputs?: readonly string[]
  /**
   * The host that builds, or a label: of the hosts with the same key the first by name that has it. Default: the first
   * by name. A host that is left out, has another key, or already has the revision builds nothing: the run is refused.
   */
  readonly builder?: string
  /** For recipes: the name of their own option for `builder`, said where a build fails. Default: that of `share`. */
  readonly builderOption?: string
}

export const stepOptionKeys = ['title', 'timeout', 'timeoutOption', 'env', 'cwd', 'once', 'undo'] as const
export type StepOptionKey = (typeof stepOptionKeys)[number]
export const execOptionKeys = [...stepOptionKeys, 'sudo', 'share'] as const
export type ExecOptionKey = (typeof execOptionKeys)[number]

/** One line without control characters, and without passwords: a title is part of plans, tables, records and lines of output. */
export function readTitle(value: unknown, place: Place): string {
  const title = readText(value, place)
  if (/\p{Cc}/u.test(title))
    place.wrong('control-character', 'a title is one line without control characters')
  return withoutCredentials(title)
}

/** One line without control characters, as a part of messages and plans. */
export function readOneLine(value: unknown, place: Place): string {
  const line = readText(value, place)
  if (/\p{Cc}/u.test(line)) place.wrong('control-character', 'expected one line without control characters')
  return line
}

/** A directory below the one that a step starts in by itself. */
export function readDirectory(value: unknown, place: Place): string {
  const directory = readText(value, place, 'a directory')
  if (directory.startsWith('/') || directory.split('/').includes('..'))
    place.wrong('outside', "expected a relative directory without '..'")
  return directory
}

/** How often a step runs: on every host, once, or once among the hosts with a label. */
export function readOnce(value: unknown, place: Place): boolean | string {
  if (typeof value === 'boolean' || (typeof value === 'string' && value !== '')) return value
  unexpected(value, place, 'true, false or a label')
  return false
}
