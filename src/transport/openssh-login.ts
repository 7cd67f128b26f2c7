import { StageError } from '../model/stage-error.ts'
import type { ChannelEnd, Destination } from './channel.ts'
import { type Child, childEnd, killGroup, startChild } from './child-program.ts'
import { deadline, unlessAborted } from './deadline.ts'
import { tooLate } from './login-errors.ts'
import { divideAtMark, type MarkedStream } from './marked-stream.ts'
import { killedWithUs } from './no-survivors.ts'
import { type OpensshCall, opensshArguments } from './openssh-arguments.ts'

/** In the order in which the servers are met; the destination is the last. */
export type OpensshCalls = readonly [OpensshCall, ...(readonly OpensshCall[])]

/** A run of ssh that has logged in, or has not. `said`: all that stood on its standard error before. */
export type OpensshLogin =
  | {
      readonly kind: 'in'
      readonly child: Child
      readonly errors: MarkedStream
      readonly over: Promise<ChannelEnd>
      readonly said: string
    }
  /** `late`: it was ended because time was up. */
  | { readonly kind: 'out'; readonly late: boolean; readonly said: string }

/**
 * Starts ssh and waits until it has logged in: it runs its LocalCommand then, which leaves a mark on standard error;
 * what comes after the mark is the command's.
 *
 * @param command undefined: only to log in, and to start nothing
 * @throws StageError `config` when there is no ssh; the reason of the signal
 */
export async function logInWithSsh(
  calls: OpensshCalls,
  command: string | undefined,
  leftMs: number,
  { env, signal }: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<OpensshLogin> {
  const call = calls.at(-1) ?? calls[0]
  const argv = opensshArguments(call, calls.slice(0, -1), command)
  const child = await startSsh(call.destination, argv, env)
  const errors = divideAtMark(child.stderr, call.marks.loggedIn)
  const over = childEnd(child)
  let late = false
  try {
    using bound = deadline(leftMs, signal, () => {
      late = true
      return tooLate(call, 'connecting', call.route.connectTimeoutMs)
    })
    const isIn = Promise.race([errors.marked.then(() => true), over.then(() => false)])
    if (await unlessAborted(bound.signal, isIn))
      return { kind: 'in', child, errors, over, said: errors.before() }
  } catch (error) {
    killGroup(child)
    // How far ssh came decides what is said.
    if (!late) throw error
  }
  return { kind: 'out', late, said: errors.before() }
}

async function startSsh(
  destination: Destination,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Child> {
  try {
    const child = await startChild('ssh', argv, { env })
    killedWithUs(child, { group: true })
    return child
  } catch (error) {
    throw new StageError('config', "client 'openssh' needs the program ssh, which cannot be started", {
      host: destination.host,
      hint: 'install the OpenSSH client (Debian: openssh-client)',
      cause: error,
    })
  }
}
