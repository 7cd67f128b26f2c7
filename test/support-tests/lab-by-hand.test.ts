import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { labCommands, labHelp, obey } from '../lab/support/by-hand.ts'
import { startFleet } from '../support/fleet.ts'
import { speaksSsh } from '../support/ssh-banner.ts'

test('help names every command of a lab that is used by hand', () => {
  const words = labHelp()
    .split('\n')
    .map(line => line.trim().split(' ')[0])
  expect(words).toEqual([...labCommands.map(({ word }) => word), 'shell', 'release', 'quit'])
})

test('docs/lab.md shows what help prints', async () => {
  const page = await readFile(new URL('../../docs/lab.md', import.meta.url), 'utf8')
  const shown = labHelp().replaceAll(/^/gm, '    ')
  expect(page.includes(`    lab> help\n${shown}\n`)).toBe(true)
})

test('a line that is not understood is answered with what there is', async () => {
  const fleet = { hosts: [] }
  expect(await obey(fleet, '')).toBe('')
  expect(await obey(fleet, 'help')).toBe(labHelp())
  expect(await obey(fleet, 'explode web1')).toBe(`there is no command 'explode':\n${labHelp()}`)
})

test('a line does to its host what it says, and tells what could not be done', async () => {
  await using fleet = await startFleet(['web1', 'web2'], { kind: 'loopback' })
  const listens = async () =>
    await Promise.all(fleet.hosts.map(({ address, port }) => speaksSsh(address, port)))
  expect(await obey(fleet, 'stop web9')).toBe('stop takes the name of a host: web1, web2')
  expect(await obey(fleet, '  stop   web2 ')).toBe('web2 refuses new connections')
  expect(await listens()).toEqual([true, false])
  expect(await obey(fleet, 'start web2')).toBe('web2 takes connections')
  expect(await listens()).toEqual([true, true])
  // The server still ends those that only listened.
  await expect.poll(() => obey(fleet, 'ps web1'), { timeout: 10_000 }).toBe('nothing runs on web1')
  expect(await obey(fleet, 'cut web1')).toBe("web1 shares this machine's network: nothing to cut")
})
