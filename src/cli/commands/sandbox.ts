import { type ExitCode, exitCodes } from '../../model/outcome.ts'
import type { Command } from '../run-on-stage.ts'
import { runSandbox } from '../sandbox/run-sandbox.ts'
import { say } from '../say.ts'

/** `deploy sandbox`: runs until Ctrl-C, then leaves nothing. */
export async function sandbox(
  { around, interrupts }: Command,
  flags: { readonly count: number; readonly project?: string },
): Promise<ExitCode> {
  // Its hosts are this process: whatever it was told, it ends when they are gone.
  return interrupts.changingHosts(async () => {
    await runSandbox({
      hosts: flags.count,
      ...(flags.project === undefined ? {} : { project: flags.project }),
      print: line => say(around.stdout, [line]),
      signal: interrupts.interrupted,
    })
    return exitCodes.done
  })
}
