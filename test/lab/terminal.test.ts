import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import { makeRunnerHome } from '../e2e/support/deploy.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { beginSuccession, hold, letGo, type Succession, type Wanted } from './support/held-run.ts'
import { NAMES } from './support/moments.ts'

const fleet = await fleetOf(NAMES)

/** What Ctrl-C sends to a terminal, which makes a signal of it (termios(3), VINTR). */
const CTRL_C = '\u0003'
const ESCAPE = '\u001b'

/** Runs the command in a terminal of its own; the terminal's settings are printed before and after it. script(1) makes it. */
async function inTerminal({ project }: Succession, { sdist }: Wanted, presses: number) {
  const home = await makeRunnerHome(fleet)
  const deploy = `'${process.execPath}' '${inject('deployCommand')}' production '${sdist}'`
  const child = spawn(
    'script',
    [
      '--quiet',
      '--flush',
      '--command',
      `trap : INT; stty rows 40 cols 120; stty -g; ${deploy}; echo "exit=$?"; stty -g`,
      '/dev/null',
    ],
    {
      cwd: project.directory,
      env: { PATH: process.env['PATH'], HOME: home, LANG: 'C.UTF-8', TERM: 'xterm', SHELL: '/bin/sh' },
    },
  )
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    shown += text
  })
  const ended = once(child, 'close')
  // The step that the run is held in has begun on every host.
  await expect.poll(() => shown, { timeout: 30_000, interval: 20 }).toMatch(/pass build/)
  await sleep(500)
  for (let press = 0; press < presses; press += 1) {
    child.stdin.write(CTRL_C)
    await sleep(300)
  }
  await ended
  const [before, ...rest] = shown.trim().split(/\r?\n/)
  return { shown, before, after: rest.at(-1), exit: rest.findLast(line => line.startsWith('exit=')) }
}

test.each([
  ['once', 1],
  ['twice', 2],
])('F8 Ctrl-C, pressed %s, leaves a terminal as it was, its cursor shown', async (_times, presses) => {
  const succession = await beginSuccession(fleet)
  const wanted = await succession.next()
  await hold(succession, NAMES, wanted, 'build')
  const { shown, before, after, exit } = await inTerminal(succession, wanted, presses)
  await letGo(succession)
  expect(exit, shown).toBe('exit=130')
  expect(after).toBe(before)
  expect(before).toMatch(/^[0-9a-f:]+$/)
  // It was a live view: it had hidden the cursor, and switched the wrapping of lines off.
  for (const mode of ['?25', '?7']) {
    const off = shown.lastIndexOf(`${ESCAPE}[${mode}l`)
    expect(off).toBeGreaterThan(-1)
    expect(shown.lastIndexOf(`${ESCAPE}[${mode}h`)).toBeGreaterThan(off)
  }
})
