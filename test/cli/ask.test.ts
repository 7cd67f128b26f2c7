import { expect, test } from 'vitest'
import { askPassphrase, askPassword, confirm } from '../../src/cli/ask.ts'
import { StageError } from '../../src/model/stage-error.ts'
import { type ATerminal, aTerminal } from './support/a-terminal.ts'
import { noInterrupts } from './support/no-interrupts.ts'

const question = 'Roll production back?'
const ctrlC = '\x03'
const ctrlD = '\x04'

const asked = ({ around }: ATerminal, interrupts = noInterrupts()) => ({ around, interrupts })

function ask(terminal: ATerminal, keys: string): Promise<boolean> {
  const answer = confirm(asked(terminal), question, false)
  terminal.type(keys)
  return answer
}

test.each(['y', 'Y', 'yes', ' Yes '])('%j is a yes', async word => {
  const terminal = aTerminal()
  expect(await ask(terminal, `${word}\n`)).toBe(true)
})

test.each(['n', '', 'no', 'yep', 'production'])(
  '%j is a no: nothing is done that was not clearly wanted',
  async word => {
    expect(await ask(aTerminal(), `${word}\n`)).toBe(false)
  },
)

test('the question stands on standard error and says what no answer means', async () => {
  const terminal = aTerminal()
  await ask(terminal, 'n\n')
  const { stdout, stderr } = terminal.written()
  expect(stdout).toBe('')
  expect(stderr.startsWith('Roll production back? [y/N] ')).toBe(true)
})

test('the end of the input is a no', async () => {
  expect(await ask(aTerminal(), ctrlD)).toBe(false)
})

test('Ctrl-C is no answer: the command was interrupted', async () => {
  await expect(ask(aTerminal(), ctrlC)).rejects.toMatchObject({ code: 'interrupted' })
})

test('--yes is not asked', async () => {
  const terminal = aTerminal()
  expect(await confirm(asked(terminal), question, true)).toBe(true)
  expect(terminal.written().stderr).toBe('')
})

test.each([
  ['without a terminal', aTerminal({}, false)],
  ['in CI, where a terminal is nobody', aTerminal({ env: { CI: 'true' } })],
])('%s a question is an error that names the flag', async (_where, { around }) => {
  const refused = await confirm({ around, interrupts: noInterrupts() }, question, false).catch(
    (error: unknown) => error,
  )
  expect(refused).toBeInstanceOf(StageError)
  expect(refused).toMatchObject({ code: 'usage', hint: 'say --yes' })
})

test('a passphrase is asked for by the name of its key, and never shown', async () => {
  const terminal = aTerminal()
  const answer = askPassphrase(asked(terminal), '/home/ana/.ssh/id_ed25519')
  terminal.type('correct horse\n')
  expect(await answer).toBe('correct horse')
  expect(terminal.written().stderr).toBe('Passphrase of /home/ana/.ssh/id_ed25519: \n')
})

test('no passphrase: nothing typed, called off, or nobody there to ask', async () => {
  for (const keys of ['\n', ctrlC, ctrlD]) {
    const terminal = aTerminal()
    const answer = askPassphrase(asked(terminal), 'key')
    terminal.type(keys)
    expect(await answer).toBeUndefined()
  }
  expect(await askPassphrase(asked(aTerminal({}, false)), 'key')).toBeUndefined()
})

test.each([
  ['yes or no', confirm],
  ['a passphrase', askPassphrase],
  ['a password', askPassword],
] as const)('a question for %s ends with the first signal, wherever that comes from', async (_, question) => {
  const [first, terminal] = [new AbortController(), aTerminal()]
  const answer = question(asked(terminal, noInterrupts(first)), 'What?', false).catch(
    (error: unknown) => error,
  )
  first.abort()
  const said = await answer
  expect(said === undefined || (said instanceof StageError && said.code === 'interrupted')).toBe(true)
  const more = await question(asked(terminal, noInterrupts(first)), 'What?', false).catch(
    (error: unknown) => error,
  )
  expect(more).toEqual(said)
})

test('Ctrl-C at a passphrase is a signal to the whole command, not a key that is passed over', async () => {
  const [first, terminal] = [new AbortController(), aTerminal()]
  const answer = askPassphrase(asked(terminal, noInterrupts(first)), 'key')
  terminal.type(ctrlC)
  expect(await answer).toBeUndefined()
  expect(first.signal.aborted).toBe(true)
})
