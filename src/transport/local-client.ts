import { StageError } from '../model/stage-error.ts'
import type { Channel, Destination } from './channel.ts'
import { childEnd, killGroup, startChild } from './child-program.ts'
import { requireNotAborted } from './deadline.ts'
import { homeDirectory } from './expand-path.ts'
import { programChannel } from './program-channel.ts'

/**
 * Starts a command on this machine, as a login by SSH would: from the home directory, by `/bin/sh`. The program is
 * not killed when its channel is closed; it sees the end of its input, as it would on a host.
 *
 * @throws StageError `unreachable` when no process can be started, `interrupted`
 */
export async function reachLocally(
  destination: Destination,
  command: string,
  options: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal | undefined },
): Promise<Channel> {
  requireNotAborted(options.signal)
  const child = await startChild('/bin/sh', ['-c', command], {
    env: options.env,
    cwd: homeDirectory(),
  }).catch(error => {
    throw new StageError('unreachable', 'no shell can be started on this machine', {
      host: destination.host,
      cause: error,
    })
  })
  try {
    requireNotAborted(options.signal)
  } catch (error) {
    killGroup(child)
    throw error
  }
  return programChannel({
    ...{ stdin: child.stdin, stdout: child.stdout, stderr: child.stderr },
    over: childEnd(child),
    cut() {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
      // Whether it ends or not, it must not keep this process alive.
      child.unref()
    },
  })
}
