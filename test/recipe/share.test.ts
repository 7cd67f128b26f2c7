import { describe, expect, test } from 'vitest'
import { exec } from '../../src/recipe/exec.ts'
import { Place } from '../../src/recipe/place.ts'
import { readStepsBySlot } from '../../src/recipe/read-slots.ts'
import { script } from '../../src/recipe/script.ts'
import { sendFile } from '../../src/recipe/send-file.ts'
import { sh } from '../../src/recipe/sh.ts'
import { refusal } from './refusal.ts'

describe('a shared step', () => {
  test('needs a key; the rest has defaults', () => {
    expect(exec(['make'], { share: { key: 'linux' } }).share).toEqual({
      key: 'linux',
      name: 'products',
      inputs: undefined,
      builder: undefined,
      builderOption: '`builder` of its `share`',
    })
  })

  test('may be a script, and keeps what it was given', () => {
    const share = {
      ...{ key: 'linux', name: 'assets', inputs: ['release'] },
      ...{ builder: 'web2', builderOption: 'assets({ builder })' },
    }
    expect(script(sh`npm run build`, { share }).share).toEqual(share)
  })

  test('is written as data too', () => {
    const place = new Place()
    const { build } = readStepsBySlot({ build: [{ exec: ['make'], share: { key: 'linux' } }] }, place)
    expect(place.problems).toEqual([])
    expect(build?.[0]).toEqual(exec(['make'], { share: { key: 'linux' } }))
  })

  test('is refused with everything that is wrong with it', () => {
    const share = { key: 'two\nlines', name: '../up', inputs: [7], inptus: [] }
    expect(refusal(() => Reflect.apply(exec, undefined, [['make'], { share }]))).toMatchInlineSnapshot(`
      "share.inptus: unknown key 'inptus' -> did you mean 'inputs'? allowed: key, name, inputs, builder, builderOption
      share.key: expected one line without control characters
      share.name: expected lower-case letters, digits and -, a letter first, found a text
      share.inputs[0]: expected a text, found a number"
    `)
  })

  test.each([
    [
      'in another slot',
      { verify: [exec(['make'], { share: { key: 'k' } })] },
      'verify[0].share: a step of verify cannot be shared -> only one of build can',
    ],
    [
      'where it runs once',
      { build: [exec(['make'], { share: { key: 'k' }, once: true })] },
      'build[0].share: a step that runs once has no other hosts to share with',
    ],
    [
      'beside one that fills the same directory',
      { build: [exec(['a'], { share: { key: 'k' } }), exec(['b'], { share: { key: 'k' } })] },
      "build[1]: two steps fill 'products' -> give each a name of its own",
    ],
    [
      'beside a file that is sent there',
      { build: [sendFile('a.whl', { name: 'products' }), exec(['b'], { share: { key: 'k' } })] },
      "build[1]: two steps fill 'products' -> give each a name of its own",
    ],
  ])('is refused %s', (_title, steps, refused) => {
    const place = new Place()
    readStepsBySlot(steps, place)
    const said = place.problems.map(({ where, message, hint }) =>
      hint === undefined ? `${where}: ${message}` : `${where}: ${message} -> ${hint}`,
    )
    expect(said).toEqual([refused])
  })

  test('undoes nothing', () => {
    const undo = exec(['make'], { share: { key: 'k' } })
    expect(refusal(() => exec(['x'], { undo }))).toMatchInlineSnapshot(
      `"undo.share: what undoes a step is never shared between hosts"`,
    )
  })
})
