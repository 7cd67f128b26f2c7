import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { bundle, startCommand } from '../../src/remote/bundle.ts'

const nonce = '00112233445566778899aabbccddeeff'
const LISTENING = `stage-deploy ${nonce} listening\n`
const home = mkdtempSync(join(tmpdir(), 'remote-bundle-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const hostile = 'a b\'c"d$e!f\\g*h[i]{j}~k`l&m;n|o<p>q(r)#s%t^u=vü'
const ownPath = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' })
symlinkSync(ownPath.stdout.trim(), join(home, hostile))

function shellRuns(shell: readonly string[], command: string, input = Buffer.alloc(0)) {
  const [program = 'sh', ...args] = shell
  const env = { PATH: process.env['PATH'], HOME: home }
  const ran = spawnSync(program, [...args, command], { input, env })
  return { status: ran.status, out: String(ran.stdout), err: String(ran.stderr) }
}

const installed = (shell: readonly string[]) =>
  process.env['CI'] !== undefined || shellRuns(shell, 'exit 0').status === 0

const echo = { bytes: deflateSync('import os, sys; print(sys.argv[2], os.read(0, 9))') }

test.for([
  ['sh', '-c'],
  ['dash', '-c'],
  ['busybox', 'ash', '-c'],
  ['bash', '-c'],
  ['zsh', '-c'],
  ['csh', '-c'],
  ['tcsh', '-c'],
  ['fish', '-c'],
])('the start command is understood by %s, wherever Python is', (shell, { skip }) => {
  skip(!installed(shell), `${shell[0]} is not installed`)
  const input = Buffer.concat([echo.bytes, Buffer.from('the rest')])
  for (const python of ['python3', join(home, hostile), `~/${hostile}`])
    expect(shellRuns(shell, startCommand({ python, program: echo, nonce }), input)).toStrictEqual({
      status: 0,
      out: `${LISTENING}${nonce} b'the rest'\n`,
      err: '',
    })
})

test.for(['', '-c', 'a\nb', 'a\0b', 'a\x1bb'])('%j cannot be the name of an interpreter', name => {
  expect(() => startCommand({ python: name, program: echo, nonce })).toThrow(
    expect.objectContaining({ code: 'config' }),
  )
})

test('the bootstrap is one line without anything that a shell could touch inside single quotes', () => {
  const [, bootstrap] = startCommand({ python: 'python3', program: echo, nonce }).split("'")
  expect(bootstrap).toMatch(/^[^'"\\!\n`$]+$/)
})

test('a program that does not arrive whole is not run', () => {
  const command = startCommand({ python: 'python3', program: echo, nonce })
  expect(shellRuns(['sh', '-c'], command, echo.bytes.subarray(0, -1))).toStrictEqual({
    status: 1,
    out: LISTENING,
    err: '',
  })
})

test('a shell that prints the command line does not print what Python says', () => {
  expect(startCommand({ python: 'python3', program: echo, nonce })).not.toContain(`stage-deploy ${nonce} `)
})

test('modules arrive as they were written', async () => {
  const modules = { 'main.py': 'text = "é \u2028 \\ \' \x07 😀"\n', '__init__.py': '' }
  const program = await bundle(modules, 'print(ascii(SOURCES))\n')
  const command = startCommand({ python: 'python3', program, nonce })

  const { out } = shellRuns(['sh', '-c'], command, Buffer.from(program.bytes))

  expect(out).toBe(
    `${LISTENING}{'main.py': 'text = "\\xe9 \\u2028 \\\\ \\' \\x07 \\U0001f600"\\n', '__init__.py': ''}\n`,
  )
})
