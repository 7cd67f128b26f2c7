import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { StageError } from '../model/stage-error.ts'
import { onScreen } from '../report/on-screen.ts'
import type { Interrupts } from './interrupts.ts'
import type { Surroundings } from './surroundings.ts'

/** Where to ask, and what ends the asking. */
export interface Asking {
  readonly around: Surroundings
  readonly interrupts: Pick<Interrupts, 'interrupted' | 'interrupt'>
}

/**
 * Asks yes or no on the terminal. Nothing is ever assumed: without a terminal the question is an error that names the
 * flag that answers it.
 *
 * @throws StageError `usage` without a terminal, `interrupted` for Ctrl-C and for a signal
 */
export async function confirm(asking: Asking, question: string, yes: boolean): Promise<boolean> {
  if (yes) return true
  if (!canAsk(asking.around)) {
    throw new StageError('usage', `${question} There is no terminal to answer on.`, { hint: 'say --yes' })
  }
  const answer = await readAnswer(asking, `${question} [y/N] `, { echo: true })
  if (answer === interrupted) throw new StageError('interrupted', 'Interrupted. Nothing was touched.')
  return /^y(es)?$/i.test(answer?.trim() ?? '')
}

/** Asks for the passphrase of a key file, without echo. Undefined: there is no terminal, or nothing was typed. */
export async function askPassphrase(asking: Asking, keyFile: string): Promise<string | undefined> {
  if (!canAsk(asking.around)) return undefined
  const answer = await readAnswer(asking, `Passphrase of ${keyFile}: `, { echo: false })
  return answer === interrupted || answer === '' ? undefined : answer
}

/**
 * Asks for a password, once and without echo. Undefined: nothing was typed.
 *
 * @throws StageError `interrupted` for Ctrl-C
 */
export async function askPassword(asking: Asking, what: string): Promise<string | undefined> {
  const answer = await readAnswer(asking, `${what}: `, { echo: false })
  if (answer === interrupted) throw new StageError('interrupted', 'Interrupted. Nothing was touched.')
  return answer === '' ? undefined : answer
}

/** Is there a terminal to ask on? Never in CI, where nobody sits at it. */
export const canAsk = (around: Surroundings): boolean =>
  around.stdin.isTTY === true && around.stderr.isTTY === true && around.env['CI'] === undefined

const interrupted = Symbol('Ctrl-C')

/**
 * Undefined: the input ended, or the question was called off with Ctrl-D. A Ctrl-C is a signal to the whole command.
 */
function readAnswer(
  { around, interrupts }: Asking,
  question: string,
  { echo }: { readonly echo: boolean },
): Promise<string | typeof interrupted | undefined> {
  const { interrupted: signal } = interrupts
  if (signal.aborted) return Promise.resolve(interrupted)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({
    input: around.stdin,
    output: echo ? around.stderr : nowhere,
    terminal: true,
  })
  // Only now: until the interface has the terminal, what is typed would be echoed.
  around.stderr.write(onScreen(question))
  return new Promise(resolve => {
    const finish = (answer: string | typeof interrupted | undefined) => {
      lines.removeAllListeners()
      signal.removeEventListener('abort', onSignal)
      lines.close()
      if (!echo || typeof answer !== 'string') around.stderr.write('\n')
      resolve(answer)
    }
    const onSignal = () => finish(interrupted)
    signal.addEventListener('abort', onSignal, { once: true })
    lines.once('line', finish)
    lines.once('SIGINT', interrupts.interrupt)
    lines.once('close', () => finish(undefined))
  })
}
