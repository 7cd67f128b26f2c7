import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Action } from '../../src/cli/action.ts'
import { buildProgram } from '../../src/cli/program.ts'

const document = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')

/** Everything that docs/cli.md says in a table: its first column, without the marks of code. */
const rows = document
  .split('\n')
  .flatMap(line => /^\| (`.*?`) \| /.exec(line)?.[1] ?? [])
  .map(cell => cell.replaceAll('`', ''))

const documentedCommands = rows
  .filter(cell => cell.startsWith('deploy '))
  .map(cell => /^deploy ([a-z]+)/.exec(cell)?.[1] ?? 'deploy')
const documentedFlags = rows
  .filter(cell => cell.startsWith('-'))
  .flatMap(cell => cell.match(/--[a-z-]+/g) ?? [])

/** Calls the command line; nothing of what it would do is done. */
function called(...argv: readonly string[]) {
  const said: string[] = []
  const chosen: Action[] = []
  const program = buildProgram(action => void chosen.push(action))
  for (const command of [program, ...program.commands]) {
    command.exitOverride()
    const { outputError } = command.configureOutput()
    command.configureOutput({
      writeOut: text => void said.push(text),
      writeErr: text => void said.push(text),
      getOutHelpWidth: () => 80,
      getErrHelpWidth: () => 80,
      ...(outputError === undefined ? {} : { outputError }),
    })
  }
  try {
    program.parse([...argv], { from: 'user' })
  } catch {
    // commander throws where it would end the process.
  }
  return { program, actions: chosen.length, said: said.join('') }
}

const commands = called('status').program.commands.map(command => command.name())

test('docs/cli.md has every command, and no other', () => {
  expect(documentedCommands.toSorted()).toEqual(commands.filter(name => name !== 'help').toSorted())
})

test('docs/cli.md has every flag, and no other', () => {
  const inTables = new Set([...documentedFlags, ...rows.flatMap(cell => cell.match(/--[a-z-]+/g) ?? [])])
  const { program } = called('status')
  const all = program.commands.flatMap(command => [command, ...command.commands])
  const flags = all.flatMap(command => command.options.map(option => option.long ?? ''))
  expect([...inTables].toSorted()).toEqual([...new Set(flags)].toSorted())
})

test.each([
  [['production']],
  [['production', 'dist/shop-1.4.0.tar.gz', '--build']],
  [['deploy', 'production']],
  [['prepare', 'production', '--hosts', 'web1,web2', '--except', 'web2']],
  [['promote', 'staging', 'production', '-n']],
  [['rollback']],
  [['rollback', 'production', '--to', 'shop-1.3.0', '-y', '-q', '--no-color']],
  [['status', '--json']],
  [['revisions', 'production']],
  [['history', 'production', '-v']],
  [['discard', 'shop-1.4.0', 'production', '--config', 'elsewhere.ts']],
  [['prune', 'production', '--dry-run']],
  [['sandbox', '--count', '2']],
  [['recover', 'production', '--back']],
  [['recover', 'production', '--forward', '--dry-run', '--wait-lock', '60']],
  // Which way is asked about when the hosts have said what each comes to.
  [['recover', 'production']],
  [['lock', 'production', '--reason', 'the sale']],
  [['unlock', 'production']],
  [['production', '--wait-lock', '0.5']],
  [['prune', 'production', '--wait-lock', '60']],
  [['discard', 'shop-1.0', 'production', '--wait-lock', '60']],
  [['rollback', '--wait-lock', '60']],
  [['init', '--recipe', 'python']],
  [['authorize', 'staging', '--key', 'id.pub', '--revoke', '--except', '@old.txt']],
  [['run', 'staging', '--', 'ls', '-l', '--', '--json']],
  [['run', 'staging', '--serial', '--timeout', '1.5m', '--hosts', '@backend.txt', '--script', '-']],
])('deploy %j is a command', argv => {
  expect(called(...argv)).toMatchObject({ actions: 1, said: '' })
})

test.each([
  [
    [],
    "error: missing required argument 'stage'\n  → deploy STAGE [SDIST]; everything else: deploy --help\n",
  ],
  [['promote', 'staging'], "error: missing required argument 'to'\n  → deploy help promote\n"],
  [
    ['production', '--host', 'web1'],
    "error: unknown option '--host'\n  → did you mean --hosts?\n  → deploy STAGE [SDIST]; everything else: deploy --help\n",
  ],
  [['status', '--jsn'], "error: unknown option '--jsn'\n  → did you mean --json?\n  → deploy help status\n"],
  [
    ['help', 'statsu'],
    `error: there is no command 'statsu'\n  → did you mean 'status'? the commands are: ${commands.join(', ')}\n`,
  ],
])('deploy %j says what is wrong and where to read on', (argv, said) => {
  expect(called(...argv)).toMatchObject({ actions: 0, said })
})

test.each([
  [['lock', 'production'], /^error: required option '--reason <text>' not specified\n/],
  [['recover'], /^error: missing required argument 'stage'\n/],
  [['recover', 'production', '--hosts', 'web1'], /^error: unknown option '--hosts'\n/],
  [['production', '--wait-lock', 'soon'], /a number of seconds, 0 or more\n/],
  [['production', '--wait-lock', '-1'], /a number of seconds, 0 or more\n/],
  [['authorize', 'staging'], /^error: required option '--key <file>' not specified\n/],
  [['run', 'staging', '--timeout', '0', '--', 'ls'], /a time such as 90, 90s, 5m or 2h/],
  [['run', 'staging', '--timeout', '25h30', '--', 'ls'], /a time such as 90, 90s, 5m or 2h/],
  [['run', 'staging', 'ls', '-l'], /^error: unknown option '-l'\n/],
  [['run', 'staging', '--wait-lock', '60', '--', 'ls'], /^error: unknown option '--wait-lock'\n/],
  [['status', '--wait-lock', '60'], /^error: unknown option '--wait-lock'\n/],
])('deploy %j is refused', (argv, said) => {
  expect(called(...argv)).toMatchObject({ actions: 0, said: expect.stringMatching(said) })
})

test.each(commands)('deploy help %s says how it is called', name => {
  const { actions, said } = called('help', name)
  expect(actions).toBe(0)
  expect(said).toMatch(
    name === 'deploy' ? /^Usage: deploy STAGE \[SDIST\] \[options\]\n/ : `Usage: deploy ${name}`,
  )
})

test('no line of the help is wider than a terminal of 80 columns', () => {
  const wide = ['', ...commands].flatMap(name =>
    called('help', ...(name === '' ? [] : [name]))
      .said.split('\n')
      .filter(line => line.length > 80),
  )
  expect(wide).toEqual([])
})

test('a flag may be said several times, and its names are added up', () => {
  const { program } = called('production', '--hosts', 'web1, web2', '--hosts', 'web3')
  const deploy = program.commands.find(command => command.name() === 'deploy')
  expect(deploy?.opts()['hosts']).toEqual(['web1', 'web2', 'web3'])
})
