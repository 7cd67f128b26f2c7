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

/** An expected end of a command: what happened and where in `message`, what to do in `hint`. */
export class StageError extends Error {
  readonly code: StageErrorCode
  readonly hint: string | undefined
  /** All the reasons, when there were several: none may hide the others. */
  readonly problems: readonly Problem[]

  constructor(
    code: StageErrorCode,
    message: string,
    details: {
      readonly hint?: string
      readonly problems?: readonly Problem[]
      readonly cause?: unknown
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'StageError'
    this.code = code
    this.hint = details.hint
    this.problems = details.problems ?? []
  }
}
