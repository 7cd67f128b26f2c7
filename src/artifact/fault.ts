import type { Problem } from '../model/problem.ts'
import { StageError } from '../model/stage-error.ts'

export type FaultCode =
  | 'not-gzip'
  | 'damaged'
  | 'malformed'
  | 'too-large'
  | 'path'
  | 'link'
  | 'special-file'
  | 'set-id'
  | 'duplicate'
  | 'top-level'
  | 'metadata'
  | 'file-name'

/** One reason why an archive is not deployed. */
export interface Fault {
  readonly code: FaultCode
  /** The path of the entry as the archive has it; undefined for what concerns the whole archive. */
  readonly entry: string | undefined
  readonly message: string
}

/** Ends the reading of an archive: what follows could not be understood. It does not leave this folder. */
export class UnreadableArchive extends Error {
  readonly fault: Fault

  constructor(
    code: FaultCode,
    message: string,
    options: { readonly entry?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'UnreadableArchive'
    this.fault = { code, entry: options.entry, message }
  }
}

/** A hostile archive can have a hundred thousand faults; nobody reads more than these. */
const FAULTS_SHOWN = 50

/** The end of a command for an sdist that has faults: all of them, each with the entry it is about. */
export function refusal(fileName: string, faults: readonly Fault[], cause?: unknown): StageError {
  const [first] = faults
  const isOne = faults.length === 1 && first !== undefined
  const why = isOne ? `: ${sentence(first)}` : ` for ${faults.length} reasons`
  return new StageError('artifact', `${fileName} is refused${why}`, {
    hint: hintFor(faults),
    problems: faults.slice(0, FAULTS_SHOWN).map(fault => problem(fileName, fault)),
    cause,
  })
}

function problem(fileName: string, fault: Fault): Problem {
  return {
    code: `sdist-${fault.code}`,
    where: fileName,
    message: sentence(fault),
    hint: undefined,
    severity: 'error',
  }
}

function sentence({ entry, message }: Fault): string {
  return entry === undefined ? message : `${JSON.stringify(entry)} ${message}`
}

function hintFor(faults: readonly Fault[]): string {
  const isBroken = faults.some(
    ({ code }) => code === 'not-gzip' || code === 'damaged' || code === 'malformed',
  )
  return isBroken
    ? 'copy it again, or build it again with `python3 -m build --sdist`'
    : 'build the sdist with `python3 -m build --sdist`, from a tree without what is named here'
}
