import { spawn, spawnSync } from 'node:child_process'
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCommand } from '../../src/remote/bundle.ts'
import type { ByteChannel, ByteChannelEnd } from '../../src/remote/byte-channel.ts'
import { feedRemoteEnd } from '../../src/remote/start-remote-end.ts'

const NONCE = '00112233445566778899aabbccddeeff'

let home: string
let canary: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'strange-logins-'))
  canary = join(home, 'canary')
})
afterAll(() => rm(home, { recursive: true, force: true }))

/** A program of this machine as what a login starts, with the command as its last argument where it is to see it. */
function login(argv: readonly string[]): ByteChannel {
  const [program = '', ...rest] = argv
  const child = spawn(program, rest, { cwd: home, env: { PATH: process.env['PATH'], HOME: home } })
  const { stdin: input, stdout: output, stderr: errors } = child
  const ended = new Promise<ByteChannelEnd>(resolve => {
    child.once('error', error => resolve({ kind: 'lost', reason: error.message }))
    child.once('close', (code, signal) =>
      resolve(code === null ? { kind: 'signalled', signal: String(signal) } : { kind: 'exited', code }),
    )
  })
  const close = () => {
    for (const stream of [input, output, errors]) stream.destroy()
    child.kill('SIGKILL')
  }
  return { input, output, errors, ended, close }
}

/** What would be sent: whoever executes a line of it, in the language of any shell, makes the canary. */
const payload = () => ({ bytes: Buffer.from(`touch ${canary}\n`.repeat(3)) })

/** Starts the remote end there, with a message behind it that would make the canary too. @returns why it did not begin */
async function refusalOf(argv: readonly string[], startTimeoutMs = 300): Promise<unknown> {
  const options = { host: 'web1', heartbeatMs: 60_000, startTimeoutMs }
  const { end, begun } = feedRemoteEnd(login(argv), payload(), NONCE, options)
  end.send('remove-key', { type: 'ssh-ed25519', blob: `\ntouch ${canary}\n` })
  return await begun.then(
    () => 'it began',
    (error: unknown) => error,
  )
}

const isThere = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  )

const isInstalled = (program: string) =>
  process.env['CI'] !== undefined || spawnSync(program, [], { input: '' }).error === undefined

/** What may sit there in place of Python: shells, other interpreters, and what is written by hand. */
const readers: readonly (readonly string[])[] = [
  ['sh'],
  ['dash'],
  ['busybox', 'ash'],
  ['bash'],
  ['zsh'],
  ['csh'],
  ['tcsh'],
  // It cannot read the kind of pipe that Node makes.
  ['sh', '-c', 'cat | fish'],
  ['python3'],
  ['node'],
  ['perl'],
  ['cat'],
  ['sh', '-c', 'while echo "1) status 2) quit"; read -r choice; do eval "$choice"; done'],
  ['sh', '-c', 'read -r line; eval "$line"'],
  ['sh', '-c', 'xargs -I{} sh -c "{}"'],
]

describe('a login that starts another program in place of Python', () => {
  test.for(readers)('%j executes nothing, and the message says what happened', async (argv, { skip }) => {
    skip(!isInstalled(argv[0] ?? ''), `${argv[0]} is not installed`)
    expect(await refusalOf(argv)).toMatchObject({
      code: 'remote-end',
      reason: expect.stringMatching(
        /^the login starts another program, which reads the input in place of Python: .* ended when its input was closed \(exit status \d+\)\. It was sent nothing/,
      ),
      hint: expect.stringMatching(/start-up files.*ForceCommand.*chsh/s),
    })
    expect(await isThere(canary)).toBe(false)
  })

  test('is read from as much as it prints: what it says is shown', async () => {
    expect(await refusalOf(['sh', '-c', 'echo "Pick one: "; cat'])).toMatchObject({
      reason: expect.stringMatching(/It was sent nothing\. It printed:\n {2}\| Pick one:$/),
    })
  })
})

test('a login that prints its command line is not taken for Python', async () => {
  const command = startCommand({ python: 'python3', program: payload(), nonce: NONCE })
  expect(await refusalOf(['sh', '-xc', `printf '%s\n' "$0"; cat > got`, command])).toMatchObject({
    code: 'remote-end',
  })
  expect(await readFile(join(home, 'got'), 'utf8')).toBe('')
})

test('a login that asks a question first is told apart', async () => {
  const command = startCommand({ python: 'python3', program: payload(), nonce: NONCE })
  await writeFile(join(home, 'profile'), 'printf "Code: "; read -r code; echo "$code" > answer\n')
  expect(await refusalOf(['sh', '-c', `. ./profile; ${command}`])).toMatchObject({
    code: 'remote-end',
    reason:
      'the login waits for input before it starts Python, and was given none within 0.3 s. It printed:\n  | Code:',
    hint: expect.stringMatching(/start-up file/),
  })
  expect(await readFile(join(home, 'answer'), 'utf8')).toBe('\n')
  expect(await isThere(canary)).toBe(false)
})

test('a login that ends at once, with or without a word, is told with what to look at', async () => {
  for (const argv of [['true'], ['sh', '-c', 'echo "no logins today"; exit 1']])
    expect(await refusalOf(argv)).toMatchObject({
      code: 'remote-end',
      reason: expect.stringMatching(/^the remote end ended before it began \(exit status [01]\)/),
      hint: expect.stringMatching(/in place of the command/),
    })
})
