import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Action } from '../../src/cli/action.ts'
import { errorLines } from '../../src/cli/error-lines.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { say } from '../../src/cli/say.ts'
import { requests } from '../../src/remote/messages.ts'
import { eachText, withEveryText } from '../support/every-text.ts'
import { expectTame, FORGED, HOSTILE } from '../support/hostile-text.ts'
import { writeSdist } from '../support/make-sdist.ts'
import { HOST_PYTHON } from '../support/requirements.ts'
import { makeScratchDirectory, type ScratchDirectory } from '../support/scratch-directory.ts'
import { aTerminal } from './support/a-terminal.ts'
import { noInterrupts } from './support/no-interrupts.ts'
import { type Answers, ended, wellAnswers } from './support/well-host.ts'

// Whatever a host says, in whatever field of whatever answer, and whatever command shows it: nothing in it acts on
// the terminal.

const program = fileURLToPath(new URL('support/told-host.py', import.meta.url))

/** What one host does. */
interface Told {
  readonly answers: Readonly<Record<string, unknown>>
  readonly refusals?: Readonly<Record<string, unknown>>
  readonly output?: readonly string[]
  readonly noise?: string
}

let scratch: ScratchDirectory
beforeAll(async () => {
  scratch = await makeScratchDirectory()
  mkdirSync(join(scratch.path, 'dist'))
  await writeSdist(join(scratch.path, 'dist'), { name: 'shop', version: '1.4.0' })
})
afterAll(async () => scratch[Symbol.asyncDispose]())

/** A configuration of these hosts in a directory of its own. */
function project(name: string, hosts: ReadonlyMap<string, Told>, recipes: readonly object[] = []): string {
  const directory = join(scratch.path, name)
  mkdirSync(directory, { recursive: true })
  const host = (host: string, { answers, refusals = {}, output = [], noise = '' }: Told) => {
    const [python, told] = [join(directory, host), join(directory, `${host}.json`)]
    writeFileSync(told, JSON.stringify({ answers, refusals, output, noise }))
    writeFileSync(python, `#!/bin/sh\nexec ${HOST_PYTHON} -IS ${program} ${told} "$@"\n`, { mode: 0o755 })
    return { address: host, root: `/var/${host}`, python }
  }
  const names = [...hosts.keys()]
  const config = {
    project: 'shop',
    artifact: { sdist: '../dist/*.tar.gz' },
    ssh: { client: 'local' },
    hosts: Object.fromEntries([...hosts].map(([name, told]) => [name, host(name, told)])),
    stages: { production: { hosts: names }, staging: { hosts: names } },
    recipes,
    verify: [{ exec: ['true'] }],
  }
  writeFileSync(join(directory, 'stage.config.json'), JSON.stringify(config))
  return directory
}

/** Runs a command as `main` does, in this process, and gives everything that it wrote. */
async function shownBy(cwd: string, args: readonly string[], isTTY: boolean): Promise<string> {
  const { PATH } = process.env
  const env = { PATH, XDG_STATE_HOME: join(cwd, 'state'), XDG_CACHE_HOME: join(cwd, 'cache') }
  const terminal = aTerminal({ cwd, env, argv: args, now: Date.now }, isTTY)
  const { around } = terminal
  const chosen: Action[] = []
  const commands = buildProgram(action => chosen.push(action))
  await commands.parseAsync([...args], { from: 'user' })
  try {
    for (const action of chosen) await action({ around, interrupts: noInterrupts() })
  } catch (error) {
    say(around.stderr, errorLines(around, error))
  }
  const { stdout, stderr } = terminal.written()
  return `${stdout}${stderr}`
}

const logsIn = (cwd: string): string => {
  const directory = join(cwd, 'state', 'stage-deploy', 'shop')
  return readdirSync(directory)
    .map(name => readFileSync(join(directory, name), 'utf8'))
    .join('')
}

const everyCommand: readonly (readonly string[])[] = [
  ['status'],
  ['check'],
  ['history', 'production'],
  ['revisions', 'production'],
  ['production', '--dry-run'],
  ['production'],
  ['prepare', 'production'],
  ['promote', 'staging', 'production', '--dry-run'],
  ['promote', 'staging', 'production'],
  ['rollback', 'production'],
  ['rollback', '--yes'],
  ['recover', 'production', '--back'],
  ['recover', 'production'],
  ['prune', 'production', '--dry-run'],
  ['prune', 'production'],
  ['discard', 'shop-1.2.0', 'production'],
  ['lock', 'production', '--reason', 'the sale'],
  ['unlock', 'production'],
  ['run', 'production', '--', 'true'],
  ['run', 'production', '--group', '--', 'true'],
]

const FORGED_LINE = new RegExp(`^${FORGED} line`, 'gm')

const named = (answers: Answers): Readonly<Record<string, unknown>> => ({ ...answers })

/**
 * Texts that are compared, and not shown, before a run comes further: what is in them ends it, and is in the first
 * table.
 */
const decisive =
  /^(observe\.(root\.(id|project|owner)|unfinished.*|foreign.*|stages(\.\w+)?|checked.*|.*\.(name|revision|hosts.*|except.*|stack.*|lock.*|frozen.*|stage|recovers|link.*|to|from|version|project|sha256|\w+Ns))|.*Ns|.*unrecorded|lock\..*|settle\..*|.*link.*|links.*)$/

const answersOf = (replaced: (where: string) => boolean): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(wellAnswers).map(([name, base]) => [
      name,
      withEveryText(
        schemaOf(name),
        base,
        HOSTILE,
        where => replaced(`${name}.${where}`) && isTaken(schemaOf(name), base, where),
      ),
    ]),
  )

/** What has a pattern is refused by that, as the table above shows. */
const isTaken = (schema: v.GenericSchema, base: unknown, text: string): boolean =>
  v.is(
    schema,
    withEveryText(schema, base, HOSTILE, where => where === text),
  )

const schemaOf = (name: string): v.GenericSchema => {
  const found = Object.entries(requests).find(([known]) => known === name)
  if (found === undefined) throw new Error(`no message is called ${name}`)
  return found[1].answer
}

describe('a text that acts on terminals, in each text that a host says of itself', () => {
  /** One host for each text of what it says before anything is done on it. */
  const hosts = () => {
    const said = (['open', 'observe', 'inspect'] as const).flatMap(name =>
      eachText(schemaOf(name), wellAnswers[name], HOSTILE).map(variant => ({ name, ...variant })),
    )
    return new Map(
      said.map(({ name, value }, index): [string, Told] => [
        `h${index}`,
        { answers: { ...named(wellAnswers), [name]: value } },
      ]),
    )
  }
  test('it is every text of these answers', () => {
    expect(hosts().size).toBeGreaterThan(80)
  })
  test.each(everyCommand.filter(([name = '']) => name !== 'run'))(
    'deploy %s %s %s',
    async (...args) => {
      const cwd = project('each', hosts(), [{ python: {} }])
      const shown = await shownBy(cwd, args, true)
      expectTame(shown, args.join(' '))
    },
    120_000,
  )
})

describe('the same in all texts at once that nothing is decided on', () => {
  const told = (): Told => ({
    answers: answersOf(where => !decisive.test(where)),
    output: [HOSTILE, `\x1b[31m${HOSTILE}\r`, `\r\r${HOSTILE}`],
    noise: HOSTILE,
  })
  test.each(everyCommand)('deploy %s %s %s %s', async (...args) => {
    const cwd = project('all', new Map([['web', told()]]))
    const flags = args[0] === 'recover' ? [[]] : [[], ['-v'], ['--json']]
    for (const isTTY of [true, false])
      for (const flag of flags) {
        const [name = '', ...more] = args
        const shown = await shownBy(cwd, [name, ...flag, ...more], isTTY)
        // With --group what the host printed stands for itself, under the name of the host.
        const said = args.includes('--group') ? shown.replaceAll(FORGED_LINE, '') : shown
        expectTame(said, `${args.join(' ')} ${flag.join(' ')}`)
      }
  })
  test('a run comes to its end with it, and its log has it as text', async () => {
    const cwd = project('log', new Map([['web', told()]]))
    const shown = await shownBy(cwd, ['production'], false)
    expect(shown).toContain('Switched production to shop-1.4.0')
    const log = logsIn(cwd)
    expect(log).toContain(`\\e]52;c;ZXZpbA==\\x07${FORGED}`)
    expectTame(log, 'the log')
  })
})

describe('the same in a refusal', () => {
  const refused = [
    ...Object.keys(wellAnswers),
    'receive',
    'arm',
    'freeze',
    'discard',
    'reject',
    'put-back-done',
  ]
  const refusal = { code: 'internal', message: HOSTILE, detail: { holder: HOSTILE, [HOSTILE]: HOSTILE } }
  test.each(refused)('of %s', async name => {
    const refusals = { [name]: refusal }
    const cwd = project(`refused-${name}`, new Map([['web', { answers: named(wellAnswers), refusals }]]))
    for (const args of [
      ['production'],
      ['status'],
      ['check'],
      ['prune', 'production'],
      ['unlock', 'production'],
    ])
      expectTame(await shownBy(cwd, args, false), args.join(' '))
  })
})

describe('the same in how a program ended', () => {
  const kinds = ['exited', 'signalled', 'timed-out', 'unstarted'] as const
  test.each(kinds)('%s', async kind => {
    const run = { ...ended, kind, code: kind === 'exited' ? 3 : null, signal: HOSTILE, reason: HOSTILE }
    const cwd = project(
      `ended-${kind}`,
      new Map([['web', { answers: { ...named(wellAnswers), run }, output: [HOSTILE] }]]),
    )
    for (const isTTY of [true, false])
      for (const args of [['production'], ['run', 'production', '--', 'true']])
        expectTame(await shownBy(cwd, args, isTTY), args.join(' '))
  })
})

describe('the same from a host that cannot be spoken to', () => {
  test.each([
    ['ends before it speaks', `#!/bin/sh\ncat "$0.text"; cat "$0.text" >&2; exit 3\n`],
    [
      'is too old',
      `#!/bin/sh\ncat "$0.text"; for nonce; do :; done\nprintf 'stage-deploy %s python 2\\033[31m%s' "$9" FORGED; echo\n`,
    ],
    [
      'sends no frames',
      `#!/bin/sh\nshift 6\nprintf 'stage-deploy %s ready\\n' "$3"; cat "$0.text"; exit 0\n`,
    ],
  ])('that %s', async (_, script) => {
    const cwd = project('mute', new Map([['web', { answers: {} }]]))
    writeFileSync(join(cwd, 'web'), script)
    writeFileSync(join(cwd, 'web.text'), HOSTILE)
    for (const args of [['status'], ['production'], ['run', 'production', '--', 'true']])
      expectTame(await shownBy(cwd, args, true), args.join(' '))
  })
})
