import { expect, test } from 'vitest'
import { askPassphrase, confirm } from '../../src/cli/ask.ts'
import { StageError } from '../../src/model/stage-error.ts'
import { type ATerminal, aTerminal } from './support/a-terminal.ts'

const question = 'Roll production back?'
const ctrlC = '\x03'
const ctrlD = '\x04'

function ask(terminal: ATerminal, keys: string): Promise<boolean> {
  const answer = confirm(terminal.around, question, false)
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
  expect(await confirm(terminal.around, question, true)).toBe(true)
  expect(terminal.written().stderr).toBe('')
})

test.each([
  ['without a terminal', aTerminal({}, false)],
  ['in CI, where a terminal is nobody', aTerminal({ env: { CI: 'true' } })],
])('%s a question is an error that names the flag', async (_where, { around }) => {
  const refused = await confirm(around, question, false).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(StageError)
  expect(refused).toMatchObject({ code: 'usage', hint: 'say --yes' })
})

test('a passphrase is asked for by the name of its key, and never shown', async () => {
  const terminal = aTerminal()
  const answer = askPassphrase(terminal.around, '/home/ana/.ssh/id_ed25519')
  terminal.type('correct horse\n')
  expect(await answer).toBe('correct horse')
  expect(terminal.written().stderr).toBe('Passphrase of /home/ana/.ssh/id_ed25519: \n')
})

test('no passphrase: nothing typed, called off, or nobody there to ask', async () => {
  for (const keys of ['\n', ctrlC, ctrlD]) {
    const terminal = aTerminal()
    const answer = askPassphrase(terminal.around, 'key')
    terminal.type(keys)
    expect(await answer).toBeUndefined()
  }
  expect(await askPassphrase(aTerminal({}, false).around, 'key')).toBeUndefined()
})
