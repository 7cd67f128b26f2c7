import type { HostName } from './names.ts'
import type { Problem } from './problem.ts'

/**
 * Why a command ended early, as a word that code may test. The text of an error is for people only.
 * `docs/cli.md` maps each to an exit code; the map itself stands in `src/cli/exit-code.ts`.
 */
export type StageErrorCode =
  | 'usage'
  | 'config'
  | 'artifact'
  | 'version'
  | 'host-key-unknown'
  | 'host-key-changed'
  | 'host-key-revoked'
  | 'authentication'
  | 'unreachable'
  | 'connection-lost'
  | 'remote-end'
  | 'refused'
  | 'locked'
  | 'split'
  | 'interrupted'
  | 'bug'

/**
 * An expected end of a command: what happened and where in `message`, what to do in `hint`. What is about one host is told
 * with its name; `reason` is the same without it, for where the host is named already.
 */
export class StageError extends Error {
  readonly code: StageErrorCode
  readonly host: HostName | undefined
  readonly reason: string
  readonly hint: string | undefined
  /** All the reasons, when there were several: none may hide the others. */
  readonly problems: readonly Problem[]

  constructor(
    code: StageErrorCode,
    reason: string,
    details: {
      readonly host?: HostName
      readonly hint?: string
      readonly problems?: readonly Problem[]
      readonly cause?: unknown
    } = {},
  ) {
    const message = details.host === undefined ? reason : `${details.host}: ${reason}`
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'StageError'
    this.code = code
    this.host = details.host
    this.reason = reason
    this.hint = details.hint
    this.problems = details.problems ?? []
  }
}
