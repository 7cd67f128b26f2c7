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
  /** Seconds. */
  readonly waitLock?: number
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
