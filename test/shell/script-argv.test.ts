import { describe, expect, test } from 'vitest'
import { LONGEST_SCRIPT_BYTES, scriptArgv, scriptFault } from '../../src/shell/script-argv.ts'
import { runProgram } from '../support/run-program.ts'

/** Runs it as a host would, whose remote end stands in for `@python`. */
async function run(text: string, ...args: readonly string[]) {
  const argv = scriptArgv({ name: 'fix.sh', text }, args)
  const { code, stdout, stderr } = await runProgram(argv.map(word => (word === '@python' ? 'python3' : word)))
  return { code, stdout, stderr }
}

const hostile = `'"$HOME"' \`id\` $(id) \\ * ~ \t ünï\u{1f40d}`

describe('a script', () => {
  test('without #! is one for sh, which is told its name', async () => {
    expect(await run('echo "$0: $# $1"', 'a b', 'c')).toEqual({
      code: 0,
      stdout: 'fix.sh: 2 a b\n',
      stderr: '',
    })
  })

  test.each([
    'echo "$1"\n',
    '#!/bin/sh\necho "$1"\n',
    '#!/usr/bin/env python3\nimport sys\nprint(sys.argv[1])\n',
  ])('%j gets its arguments as they are', async text => {
    expect(await run(text, hostile)).toEqual({ code: 0, stdout: `${hostile}\n`, stderr: '' })
  })

  test.each([
    `cat <<'END'\n${hostile}\nEND\n`,
    `#!/bin/sh\ncat <<'END'\n${hostile}\nEND\n`,
    `#!/usr/bin/python3\nprint(${JSON.stringify(hostile)})\n`,
  ])('%j is read by nobody but its interpreter', async text => {
    expect(await run(text)).toEqual({ code: 0, stdout: `${hostile}\n`, stderr: '' })
  })

  test('gets all that follows its interpreter in #! as one argument', async () => {
    expect(await run('#! /bin/sh -eu  \nfalse\necho not reached\n')).toMatchObject({ code: 1, stdout: '' })
    expect(await run('#!/bin/echo a  b \n')).toMatchObject({
      stdout: expect.stringMatching(/^a {2}b \/dev\/fd\/\d+\n$/),
    })
  })

  test('that commands in it read nothing of', async () => {
    expect(await run('#!/bin/sh\ncat\necho end\n')).toEqual({ code: 0, stdout: 'end\n', stderr: '' })
  })

  test('leaves no file behind', async () => {
    const { stdout } = await run('#!/bin/sh\nreadlink "$0"\n')
    expect(stdout).toMatch(/ \(deleted\)\n$/)
  })

  test('whose interpreter is not there ends with 127 and says so', async () => {
    expect(await run('#!/nowhere/sh\n')).toEqual({
      ...{ code: 127, stdout: '', stderr: '/nowhere/sh: No such file or directory\n' },
    })
  })
})

test.each([
  ['', 'is empty'],
  [' \n', 'is empty'],
  ['echo \0', 'has a NUL byte in it: it is no text'],
  [Buffer.from([0x65, 0xff]), 'is no UTF-8 text'],
  [
    '#'.repeat(LONGEST_SCRIPT_BYTES + 1),
    'has more than 131071 bytes, which is the most that an argument can hold',
  ],
  ['#'.repeat(LONGEST_SCRIPT_BYTES), undefined],
  ['echo ü', undefined],
])('the script %j has this fault', (text, fault) => {
  expect(scriptFault(Buffer.from(text))).toBe(fault)
})

test('the longest script fits into an argument', async () => {
  const text = `echo well\n${'#'.repeat(LONGEST_SCRIPT_BYTES - 10)}`
  expect(await run(text)).toMatchObject({ code: 0, stdout: 'well\n' })
  expect(await run(`#!/bin/sh\n${text.slice(10)}`)).toMatchObject({ code: 0 })
})
