import { type ExitCode, exitCodes } from '../model/outcome.ts'
import { StageError, type StageErrorCode } from '../model/stage-error.ts'

const byCode: Readonly<Record<StageErrorCode, ExitCode>> = {
  usage: exitCodes.usage,
  config: exitCodes.usage,
  artifact: exitCodes.usage,
  version: exitCodes.usage,
  'host-key-unknown': exitCodes.refused,
  'host-key-changed': exitCodes.refused,
  'host-key-revoked': exitCodes.refused,
  authentication: exitCodes.refused,
  unreachable: exitCodes.refused,
  'connection-lost': exitCodes.refused,
  'remote-end': exitCodes.refused,
  refused: exitCodes.refused,
  locked: exitCodes.locked,
  split: exitCodes.splitOrUnknown,
  interrupted: exitCodes.interrupted,
  bug: exitCodes.bug,
}

/** The exit code of a command that ended with this error. An error that nobody expected is a bug. */
export const exitCodeOf = (error: unknown): ExitCode =>
  error instanceof StageError ? byCode[error.code] : exitCodes.bug
