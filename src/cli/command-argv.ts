import { basename, resolve } from 'node:path'
import { readNamedInput } from '../artifact/plain-file.ts'
import { StageError } from '../model/stage-error.ts'
import { LONGEST_SCRIPT_BYTES, scriptArgv, scriptFault } from '../shell/script-argv.ts'
import type { Command } from './run-on-stage.ts'
import { say } from './say.ts'

/**
 * What `deploy run` is to run: the arguments after `--` as they are, or a script with these for its own.
 *
 * @param operands what commander took for the command: what stands before `--` would have lost its options to us
 * @param script a file, or `-` for standard input
 * @throws StageError `usage`; `interrupted` while standard input was read
 */
export async function commandArgv(
  command: Command,
  operands: readonly string[],
  script: string | undefined,
): Promise<readonly string[]> {
  const { argv } = command.around
  const dashes = argv.indexOf('--')
  const after = dashes === -1 ? [] : argv.slice(dashes + 1)
  if (after.length !== operands.length)
    throw new StageError('usage', 'the command stands after --', {
      hint: 'deploy run STAGE [options] -- COMMAND…',
    })
  if (script !== undefined) return scriptArgv(await readScript(command, script), after)
  if (after.length > 0) return after
  throw new StageError('usage', 'there is nothing to run', {
    hint: 'deploy run STAGE -- COMMAND…, or --script FILE',
  })
}

async function readScript(command: Command, file: string) {
  const { around, interrupts } = command
  const name = file === '-' ? 'standard input' : file
  const read =
    file === '-'
      ? readInput(command)
      : readNamedInput(resolve(around.cwd, file), LONGEST_SCRIPT_BYTES, interrupts.interrupted)
  const bytes = await read.catch((error: unknown) => {
    if (error instanceof StageError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new StageError('usage', `the script cannot be read: ${why}`, { cause: error })
  })
  const fault = scriptFault(bytes)
  if (fault === undefined)
    return { name: file === '-' ? 'script' : basename(file), text: bytes.toString('utf8') }
  throw new StageError('usage', `the script of ${name} ${fault}`)
}

/** No more of it than shows that it is too long: what writes to it need not end. */
async function readInput({ around, interrupts }: Command): Promise<Buffer> {
  const { stdin, stderr } = around
  if (stdin.isTTY === true) say(stderr, ['The script is read from here; it ends with Ctrl-D.'])
  const pieces: Buffer[] = []
  const stop = () => stdin.destroy()
  interrupts.interrupted.addEventListener('abort', stop, { once: true })
  try {
    let length = 0
    for await (const piece of stdin) {
      pieces.push(Buffer.from(piece))
      length += piece.length
      if (length > LONGEST_SCRIPT_BYTES) break
    }
  } catch (error) {
    if (!interrupts.interrupted.aborted) throw error
  } finally {
    interrupts.interrupted.removeEventListener('abort', stop)
  }
  if (interrupts.interrupted.aborted) throw new StageError('interrupted', 'Interrupted. Nothing was run.')
  return Buffer.concat(pieces)
}
