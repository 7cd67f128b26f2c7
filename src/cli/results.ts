import { type ExitCode, exitCodes } from '../model/outcome.ts'
import { linesOnScreen } from '../report/on-screen.ts'
import type { Output } from './surroundings.ts'

/**
 * Writes a result to standard output and waits until it was taken, however slowly that is read.
 *
 * @param interrupted ends the waiting
 * @returns false: it could not be written (a full disk). A reader that has gone (`deploy status | head`) has what it wanted
 */
export function writeResult(stdout: Output, text: string, interrupted: AbortSignal): Promise<boolean> {
  return new Promise(resolve => {
    const leave = () => resolve(true)
    interrupted.addEventListener('abort', leave, { once: true })
    stdout.write(`${linesOnScreen(text)}\n`, error => {
      interrupted.removeEventListener('abort', leave)
      resolve(!isFailure(error))
    })
    if (interrupted.aborted) leave()
  })
}

/**
 * The same for a command that only tells, and its exit code.
 *
 * @param exit of the command, if it is told
 */
export async function tellResult(
  stdout: Output,
  text: string,
  { exit, interrupted }: { readonly exit: ExitCode; readonly interrupted: AbortSignal },
): Promise<ExitCode> {
  const written = await writeResult(stdout, text, interrupted)
  return interrupted.aborted ? exitCodes.interrupted : exitOfTelling(exit, written)
}

/** The exit code of a command that only tells: what is not told is not done. A fault that was found says more. */
export const exitOfTelling = (exit: ExitCode, written: boolean): ExitCode =>
  written || exit !== exitCodes.done ? exit : exitCodes.unwritten

/** Why standard output could not be written, the first time that it could not; undefined: it could, or its reader had gone. */
export function watchOutput(stdout: Output): () => Promise<Error | undefined> {
  let first: Error | undefined
  stdout.on('error', error => {
    if (isFailure(error)) first ??= error
  })
  return async () => {
    // What was written before may fail still; a reader that is slow is waited for by whoever wrote a result.
    await new Promise<void>(resolve => {
      const late = setTimeout(resolve, SETTLE_MS)
      stdout.write('', () => {
        clearTimeout(late)
        resolve()
      })
    })
    // The error is emitted after the callback of the write that it is about (Node, stream.Writable).
    await new Promise(setImmediate)
    return first
  }
}

const SETTLE_MS = 2_000

/** What is said on standard error of a standard output that cannot be written, beside the exit code that stands. */
export function unwrittenLines(error: Error, exit: ExitCode): readonly string[] {
  const hint =
    exit === exitCodes.unwritten
      ? 'make room there or write it to another place, and ask again'
      : `exit ${exit} stands: it says how the command itself ended; \`deploy status\` says how the hosts are`
  return [
    `error: standard output could not be written (${error.message}): what was to be told there is lost`,
    `  → ${hint}`,
  ]
}

/** Neither that the reader has gone, nor that the stream is closed since: why it was is said by what came first. */
const isFailure = (error: Error | null | undefined): boolean =>
  error !== null &&
  error !== undefined &&
  !('code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED'))
