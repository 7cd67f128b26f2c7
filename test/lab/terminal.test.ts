import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import { makeRunnerHome } from '../e2e/support/deploy.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { hold, letGo, type Succession } from './support/held-run.ts'
import { NAMES } from './support/moments.ts'
import { runAfterRun } from './support/run-after-run.ts'

const fleet = await fleetOf(NAMES)
const goOn = runAfterRun(fleet, {})

/** What keys send to a terminal, which makes signals of them (termios(3): VINTR, VSUSP). */
const CTRL_C = '\u0003'
const CTRL_Z = '\u001a'
const ESCAPE = '\u001b'

/** A shell in a terminal of its own, made by script(1), that runs these commands; `$deploy` is a deploy that stays in its build. */
async function inTerminal(succession: Succession, commands: string) {
  const home = await makeRunnerHome(fleet)
  const wanted = await succession.next()
  await hold(succession, NAMES, wanted, 'build')
  const deploy = `'${process.execPath}' '${inject('deployCommand')}' production '${wanted.sdist}'`
  const shell = `stty rows 40 cols 120; ${commands.replace('$deploy', deploy)}`
  const child = spawn('script', ['--quiet', '--flush', '--command', shell, '/dev/null'], {
    cwd: succession.project.directory,
    env: { PATH: process.env['PATH'], HOME: home, LANG: 'C.UTF-8', TERM: 'xterm', SHELL: '/bin/sh' },
  })
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    shown += text
  })
  const until = async (text: RegExp) =>
    await expect.poll(() => shown, { timeout: 30_000, interval: 20 }).toMatch(text)
  const ended = once(child, 'close')
  await until(/pass build/)
  await sleep(500)
  return { ended, until, press: (key: string) => void child.stdin.write(key), shown: () => shown }
}

/** It was a live view: it had hidden the cursor, and switched the wrapping of lines off. */
function expectGivenBack(shown: string): void {
  for (const mode of ['?25', '?7']) {
    const off = shown.lastIndexOf(`${ESCAPE}[${mode}l`)
    expect(off).toBeGreaterThan(-1)
    expect(shown.lastIndexOf(`${ESCAPE}[${mode}h`)).toBeGreaterThan(off)
  }
}

test.each([
  ['once', 1],
  ['twice', 2],
])('F8 Ctrl-C, pressed %s, leaves a terminal as it was, its cursor shown', async (_times, presses) => {
  const succession = await goOn()
  const terminal = await inTerminal(succession, 'trap : INT; stty -g; $deploy; echo "exit=$?"; stty -g')
  for (let press = 0; press < presses; press += 1) {
    terminal.press(CTRL_C)
    await sleep(300)
  }
  await terminal.ended
  await letGo(succession)
  const [before, ...rest] = terminal.shown().trim().split(/\r?\n/)
  expect(rest.findLast(line => line.startsWith('exit='))).toBe('exit=130')
  expect(rest.at(-1)).toBe(before)
  expect(before).toMatch(/^[0-9a-f:]+$/)
  expectGivenBack(terminal.shown())
})

test('F8 Ctrl-Z gives the terminal back; a run that goes on says that it stood still', async () => {
  const succession = await goOn()
  const commands = 'set -m; $deploy; echo "stopped=$?"; sleep 4; fg; echo "exit=$?"'
  const terminal = await inTerminal(succession, commands)
  terminal.press(CTRL_Z)
  await terminal.until(/stopped=/)
  expectGivenBack(terminal.shown().slice(0, terminal.shown().indexOf('stopped=')))
  await terminal.until(/stood still for/)
  await letGo(succession)
  await terminal.ended
  expect(terminal.shown()).toMatch(/exit=0/)
})
