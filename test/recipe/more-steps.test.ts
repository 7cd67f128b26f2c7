import { describe, expect, test } from 'vitest'
import { bootProbe } from '../../src/recipe/boot-probe.ts'
import { call } from '../../src/recipe/call.ts'
import { exec } from '../../src/recipe/exec.ts'
import { Place } from '../../src/recipe/place.ts'
import { readStepsBySlot } from '../../src/recipe/read-slots.ts'
import { readStep } from '../../src/recipe/read-step.ts'
import { sendFile } from '../../src/recipe/send-file.ts'
import { writeFile } from '../../src/recipe/write-file.ts'
import { refusal } from './refusal.ts'

const untyped = (construct: (...values: never[]) => unknown, ...values: unknown[]) =>
  refusal(() => Reflect.apply(construct, undefined, values))

/** What a configuration in JSON makes of a step. */
function spelled(value: unknown) {
  const place = new Place('step')
  const step = readStep(value, place)
  return place.problems.length === 0
    ? step
    : place.problems.map(({ where, message }) => `${where}: ${message}`)
}

describe('a step is the same, written as a call, in JSON, and read a second time', () => {
  test.each([
    [
      writeFile('/etc/x', 'a {{ B }}', { mode: '0640', sudo: true, env: { B: 'c' } }),
      { writeFile: '/etc/x', text: 'a {{ B }}', mode: '0640', sudo: true, env: { B: 'c' } },
    ],
    [writeFile('x', ''), { writeFile: 'x', text: '' }],
    [
      bootProbe(['serve', '{port}'], { path: '/up', status: 204, interval: '1s', once: 'web' }),
      { bootProbe: ['serve', '{port}'], path: '/up', status: 204, interval: '1s', once: 'web' },
    ],
    [bootProbe(['serve'], { env: { AT: '{socket}' } }), { bootProbe: ['serve'], env: { AT: '{socket}' } }],
    [sendFile('vendor/pip-24.0-py3-none-any.whl'), { sendFile: 'vendor/pip-24.0-py3-none-any.whl' }],
    [
      sendFile('/srv/ca.pem', { name: 'certificates', title: 'send the CA' }),
      { sendFile: '/srv/ca.pem', name: 'certificates', title: 'send the CA' },
    ],
    [exec(['x'], { sudo: true }), { exec: ['x'], sudo: true }],
  ])('%#', (built, json) => {
    expect(spelled(json)).toEqual(built)
    expect(spelled(built)).toEqual(built)
  })

  test('a function can only be written in TypeScript, and is read a second time as it is', () => {
    const built = call('Tell', async () => undefined)
    expect(spelled(built)).toEqual(built)
    expect(spelled({ kind: 'call', title: 'Tell', run: 'tell()' })).toEqual([
      'step.run: expected an async function, found a text',
    ])
    expect(spelled({ call: 'Tell' })).toEqual([
      'step.call: only TypeScript and JavaScript can write a function',
    ])
  })
})

describe('everything that is wrong is said at once', () => {
  test('of a file', () => {
    expect(
      untyped(writeFile, 'etc/', '{{ a b }}', { mode: '4755', sudo: 1, owner: 'root' }),
    ).toMatchInlineSnapshot(`
      "owner: unknown key 'owner' -> allowed: title, timeout, timeoutOption, env, cwd, once, undo, mode, sudo
      path: expected the path of a file, not of a directory, found a text
      text: line 1, column 1: '{{' begins no placeholder -> a placeholder is {{ NAME }}; two braces that mean nothing are \\{{
      mode: expected permission bits in octal, as a text: '0644', found a text
      sudo: expected true or false, found a number"
    `)
  })

  test('of a boot probe', () => {
    expect(
      untyped(bootProbe, ['serve', '8000'], { path: 'up', sudo: true, undo: false, attempt: 5 }),
    ).toMatchInlineSnapshot(`
      "sudo: unknown key 'sudo' -> allowed: path, status, contains, matches, json, answerHeaders, headers, interval, attempt, title, timeout, timeoutOption, env, cwd, once
      undo: unknown key 'undo' -> allowed: path, status, contains, matches, json, answerHeaders, headers, interval, attempt, title, timeout, timeoutOption, env, cwd, once
      argv: it is not told where to listen, beside the live one -> write {port} or {socket} into an argument or a variable: ['--bind', '127.0.0.1:{port}']
      path: expected the path of a URL: it begins with '/', and has no blanks, found a text
      attempt: expected a duration such as '500ms', '30s', '5m' or '2h', found a number -> name the unit: '30s' is seconds, '30ms' milliseconds"
    `)
    expect(untyped(bootProbe, ['serve', '{port}', '{socket}'])).toMatchInlineSnapshot(
      `"argv: it is told a {port} and a {socket} -> leave one of them out"`,
    )
  })

  test('of a text that no message can take, or that is none', () => {
    expect(untyped(writeFile, 'x', 'a'.repeat(200_000))).toMatchInlineSnapshot(
      `"text: its text takes 200002 bytes, and may take 131072 -> ship a file that is so large in the sdist"`,
    )
    expect(untyped(writeFile, 'x', 'cut: \ud83d')).toMatchInlineSnapshot(
      `"text: its text has half of a character in it, which no file in UTF-8 can hold"`,
    )
  })

  test('of a function', () => {
    expect(untyped(call, 'a\nb', 'no function', { cwd: 'x' })).toMatchInlineSnapshot(`
      "cwd: unknown key 'cwd' -> allowed: timeout, timeoutOption, env, once, undo
      title: a title is one line without control characters
      run: expected an async function, found a text -> only TypeScript and JavaScript can write one"
    `)
  })

  test('of what would undo a step', () => {
    expect(untyped(exec, ['x'], { undo: bootProbe(['serve', '{port}']) })).toMatchInlineSnapshot(
      `"undo: a bootProbe undoes nothing: it leaves nothing behind"`,
    )
    expect(untyped(exec, ['x'], { undo: sendFile('a.whl') })).toMatchInlineSnapshot(
      `"undo: a sendFile undoes nothing: what it sends is for a build"`,
    )
  })

  test('of a file that is sent', () => {
    expect(untyped(sendFile, 'vendor/.netrc', { name: '../up', mode: '0600' })).toMatchInlineSnapshot(`
      "mode: unknown key 'mode' -> allowed: name, title
      file: '.netrc' cannot be the name of a file that is sent -> letters, digits and . _ + ! - make one; a letter, a digit or _ is the first
      name: expected lower-case letters, digits and -, a letter first, found a text"
    `)
    expect(untyped(sendFile, 'vendor/')).toMatchInlineSnapshot(
      `"file: '' cannot be the name of a file that is sent -> letters, digits and . _ + ! - make one; a letter, a digit or _ is the first"`,
    )
    expect(untyped(sendFile, '')).toMatchInlineSnapshot(
      `"file: expected the path of a file of this machine, found an empty text"`,
    )
  })

  test('of the slot in which a file is sent', () => {
    const place = new Place('hooks')
    readStepsBySlot({ verify: [sendFile('a.whl')] }, place)
    expect(place.problems).toMatchInlineSnapshot(`
      [
        {
          "code": "send-outside-build",
          "hint": "only in build; writeFile writes a text anywhere, a file of the sdist is there from build on",
          "message": "a step of verify cannot send a file",
          "severity": "error",
          "where": "hooks.verify[0]",
        },
      ]
    `)
  })
})
