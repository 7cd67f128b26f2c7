import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { script } from '../../src/recipe/script.ts'
import { type ShellScript, sh } from '../../src/recipe/sh.ts'
import { refusal } from './refusal.ts'

/** What the script prints when the system's shell runs it. */
function printed(written: ShellScript): string {
  const [program = '', ...args] = script(written).argv
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: {} })
  if (status !== 0) throw new Error(`exit ${status}: ${stderr}`)
  return stdout
}

describe('a value in a shell script', () => {
  test('is a positional parameter, and no part of the text', () => {
    const file = 'a; rm -rf /'
    expect(sh`tail -n ${50} ${file}`).toEqual({ text: 'tail -n "$1" "$2"', values: ['50', 'a; rm -rf /'] })
  })

  test('keeps to itself what stands beside it', () => {
    expect(sh`cp ${'a'}.txt "/backup/${'b'}0"`.text).toBe('cp "$1".txt "/backup/${2}0"')
  })

  test('beyond the ninth has its number in braces', () => {
    const [a, b, c, d, e, f, g, h, i, j] = 'abcdefghij'
    expect(
      sh`: ${`${a}`} ${`${b}`} ${`${c}`} ${`${d}`} ${`${e}`} ${`${f}`} ${`${g}`} ${`${h}`} ${`${i}`} ${`${j}`}`
        .text,
    ).toBe(': "$1" "$2" "$3" "$4" "$5" "$6" "$7" "$8" "$9" "${10}"')
  })

  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }).filter(text => !text.includes('\0')),
    fc.stringMatching(/^[ '"$`\\(){}*?~#!;&|<>\n\t-]*$/),
    fc.constantFrom('-n', '$(touch x)', '`id`', "'", '"', '\n', '$HOME', '*', '~', ''),
  )

  const scripts: readonly (readonly [string, (value: string) => ShellScript, (value: string) => string])[] = [
    ['as a word', value => sh`printf %s ${value}`, value => value],
    ['beside text', value => sh`printf %s a${value}b`, value => `a${value}b`],
    ['in double quotes', value => sh`printf %s "a ${value} 'b'"`, value => `a ${value} 'b'`],
    [
      'after an apostrophe in a comment',
      value => sh`# don't
      printf %s ${value}`,
      value => value,
    ],
    ['after a quoted apostrophe', value => sh`printf %s%s \\' ${value}`, value => `'${value}`],
    ['in a command in double quotes', value => sh`printf %s "$(printf %s. ${value})"`, value => `${value}.`],
    ['in a subshell', value => sh`(printf %s ${value})`, value => value],
    [
      'in a case in a command',
      value => sh`printf %s "$(case a in a) printf %s. ${value} ;; esac)"`,
      value => `${value}.`,
    ],
    ['after an expansion', value => sh`printf %s "\${none:-'}" ${value}`, value => `'${value}`],
    ['assigned', value => sh`it=${value}; printf %s "$it"`, value => value],
    [
      'in a here-document',
      value => sh`cat <<END
it's ${value}.
END`,
      value => `it's ${value}.\n`,
    ],
    [
      'after a here-document',
      value => sh`cat <<-'END' >/dev/null
	don't
	END
printf %s ${value}`,
      value => value,
    ],
  ]

  test.each(scripts)('%s arrives as it is', (_where, write, expected) => {
    fc.assert(
      fc.property(hostile, value => {
        expect(printed(write(value))).toBe(expected(value))
      }),
      { numRuns: 40 },
    )
  })

  const refusals: readonly (readonly [string, () => ShellScript])[] = [
    ['in single quotes', () => sh`echo '${'x'}'`],
    ['in backticks', () => sh`echo \`ls ${'x'}\``],
    ['in arithmetic', () => sh`echo $((1 + ${'x'}))`],
    ['in a parameter expansion', () => sh`echo \${name:-${'x'}}`],
    ['after a backslash', () => sh`echo \\${'x'}`],
    ['after a dollar', () => sh`echo $${'x'}`],
    [
      'in a literal here-document',
      () => sh`cat <<'END'
${'x'}
END`,
    ],
    ['as the end of a here-document', () => sh`cat <<${'x'}`],
    [
      'in a command of a here-document',
      () => sh`cat <<END
$(ls ${'x'})
END`,
    ],
    ['in a function', () => sh`show() { echo ${'x'}; }; show`],
    ['after shift', () => sh`shift; echo ${'x'}`],
    [
      'after set',
      () => sh`set -- a b
echo ${'x'}`,
    ],
  ]

  test('is refused where a shell would not hand it on unchanged', () => {
    const said = refusals.map(([where, write]) => `${where}\n  ${refusal(write)}`).join('\n')
    expect(said).toMatchInlineSnapshot(`
      "in single quotes
        sh: value 1 stands inside '…', where a shell expands nothing: leave the quotes out, a value is quoted for you
      in backticks
        sh: value 1 stands inside backticks: write $(…)
      in arithmetic
        sh: value 1 stands inside $((…)), where a shell would evaluate it: assign it to a variable first
      in a parameter expansion
        sh: value 1 stands inside a parameter expansion: assign it to a variable first
      after a backslash
        sh: value 1 stands directly after a \\
      after a dollar
        sh: value 1 stands directly after a $
      in a literal here-document
        sh: value 1 stands inside <<'END', where a shell expands nothing
      as the end of a here-document
        sh: value 1 stands as the end of a here-document
      in a command of a here-document
        sh: value 1 stands in a here-document after another expansion: assign it to a variable first
      in a function
        sh: value 1 stands after a function, \`shift\` or \`set --\`, where positional parameters are others: assign it to a variable at the top of the script
      after shift
        sh: value 1 stands after a function, \`shift\` or \`set --\`, where positional parameters are others: assign it to a variable at the top of the script
      after set
        sh: value 1 stands after a function, \`shift\` or \`set --\`, where positional parameters are others: assign it to a variable at the top of the script"
    `)
  })

  test('that is no text and no number is refused', () => {
    const nothing: unknown = undefined
    const hidden: unknown = { secret: 'TOKEN' }
    expect(refusal(() => sh`echo ${nothing as string}`)).toMatchInlineSnapshot(
      `"sh: value 1: expected a text or a number, found nothing"`,
    )
    expect(refusal(() => sh`echo ${hidden as string}`)).toMatchInlineSnapshot(
      `"sh: value 1: expected a text or a number, found an object -> a secret is given to the step as a variable: script(sh\`…\`, { env: { NAME: secret(…) } })"`,
    )
    expect(refusal(() => sh`echo ${'a\0b'}`)).toMatchInlineSnapshot(
      `"sh: value 1: expected a text or a number, found a text with a NUL byte"`,
    )
  })
})

describe('a script', () => {
  test('is a program with arguments like any other', () => {
    const { kind, argv, title } = script(sh`
      # keep an eye on it
      test -e ${'a b'}
    `)
    expect({ kind, argv, title }).toMatchInlineSnapshot(`
      {
        "argv": [
          "/bin/sh",
          "-eu",
          "-c",
          "
            # keep an eye on it
            test -e "$1"
          ",
          "script",
          "a b",
        ],
        "kind": "exec",
        "title": "test -e "$1"",
      }
    `)
  })

  test('ends at the first command that fails', () => {
    expect(() => printed(sh`false; echo on`)).toThrow('exit 1')
  })

  test('written as a plain text is refused: values would be a part of it', () => {
    const text: unknown = 'rm -rf x'
    expect(refusal(() => script(text as ShellScript))).toMatchInlineSnapshot(
      `"expected a script written as sh\`…\`, found a text"`,
    )
  })
})
