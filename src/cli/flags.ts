import { StageError } from '../model/stage-error.ts'
import type { Channel, PolicyException } from '../model/version-policy.ts'

/** Flags that every command has. */
export interface CommonFlags {
  readonly config?: string
  readonly json?: boolean
  readonly verbose?: boolean
  readonly quiet?: boolean
  /** commander's spelling of `--no-color`: true unless it was given. */
  readonly color: boolean
}

/** Flags of the commands that work on the hosts of a stage. */
export interface HostFlags extends CommonFlags {
  readonly hosts?: readonly string[]
  readonly except?: readonly string[]
}

/** Flags of the commands that change hosts. */
export interface RunFlags extends HostFlags {
  readonly dryRun?: boolean
  readonly log?: string
  readonly keepFailed?: boolean
  readonly yes?: boolean
  readonly allowDowngrade?: boolean
  readonly build?: boolean
  readonly accept?: Channel
  readonly reason?: string
  /** Seconds. */
  readonly waitLock?: number
}

/**
 * What `--accept` lets in, and why: one without the other says too little.
 *
 * @throws StageError `usage` when only one of them is there, or the reason is empty
 */
export function exceptionOf({ accept, reason }: RunFlags): PolicyException | undefined {
  if (accept === undefined && reason === undefined) return undefined
  if (accept === undefined)
    throw new StageError('usage', '--reason was given, and nothing that it is the reason for', {
      hint: 'say --accept CHANNEL too',
    })
  if (reason === undefined || reason.trim() === '')
    throw new StageError('usage', `--accept ${accept} needs a reason, which is recorded`, {
      hint: "say --reason 'TEXT' too",
    })
  return { channel: accept, reason: reason.trim() }
}

/** How long to wait for a run that holds a lock; without the flag not at all. */
export const waitLockMs = ({ waitLock = 0 }: RunFlags): number => waitLock * 1000

/** `web1,web2` as names; empty ones are left out. */
export const parseNames = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...text
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== ''),
]

/** The host selection as the configuration's filter takes it. */
export function hostFilter(flags: HostFlags): { hosts?: readonly string[]; except?: readonly string[] } {
  return {
    ...(flags.hosts === undefined ? {} : { hosts: flags.hosts }),
    ...(flags.except === undefined ? {} : { except: flags.except }),
  }
}
