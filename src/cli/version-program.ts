import { type Command as CommanderCommand, Option } from 'commander'
import type { Action } from './action.ts'

const SCHEMES = ['pep440', 'semver', 'debian']

const notes = `
No host is asked. Which scheme a version is of is never guessed: PEP 440, unless
--scheme says otherwise.
Parts: epoch major minor patch (or micro) alpha beta rc pre final post dev;
of SemVer all but epoch and post; of Debian epoch and revision.
`

/** `deploy version …`: about versions, without a host and, where a version is given, without a configuration. */
export function addVersion(program: CommanderCommand, choose: (action: Action) => void): void {
  const version = program
    .command('version')
    .description('Show, compare, bump and convert versions: PEP 440, SemVer, Debian.')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', notes)
  addShowAndCompare(version, choose)
  addBumpAndConvert(version, choose)
}

function addShowAndCompare(version: CommanderCommand, choose: (action: Action) => void): void {
  withConfig(withFlags(version.command('show', { isDefault: true })))
    .description('A version in its normal form, with its parts and its channel.')
    .argument('[version|sdist]', 'default: what the sources of the project say, which have to agree')
    .action((text: string | undefined, flags) =>
      choose(async command => (await import('./commands/version.ts')).showVersion(command, text, flags)),
    )
  withFlags(version.command('compare'))
    .description('Print <, = or >: how the first version stands to the second.')
    .argument('<a>')
    .argument('<b>')
    .action((a: string, b: string, flags) =>
      choose(async command => (await import('./commands/version.ts')).compareTwo(command, a, b, flags)),
    )
}

function addBumpAndConvert(version: CommanderCommand, choose: (action: Action) => void): void {
  withConfig(withFlags(version.command('bump')))
    .description('Print the next version in one of its parts: always a greater one.')
    .argument('<part>')
    .argument('[version]', 'default: what the sources of the project say')
    .addOption(
      new Option('--begin <pre>', 'begin the next major, minor or patch with a pre-release').choices([
        'alpha',
        'beta',
        'rc',
        'dev',
      ]),
    )
    .action((part: string, text: string | undefined, flags) =>
      choose(async command => (await import('./commands/version.ts')).bump(command, part, text, flags)),
    )
  named(version.command('convert'))
    .description('Print a version in another scheme, if it keeps its place in the order there.')
    .argument('<version>')
    .addOption(new Option('--from <scheme>').choices(SCHEMES).makeOptionMandatory())
    .addOption(new Option('--to <scheme>').choices(SCHEMES).makeOptionMandatory())
    .action((text: string, flags) =>
      choose(async command => (await import('./commands/version.ts')).convert(command, text, flags)),
    )
}

const named = (command: CommanderCommand): CommanderCommand =>
  command
    .helpOption('-h, --help', 'print this help')
    .option('--json', 'one JSON object')
    .showHelpAfterError(`  → deploy version ${command.name()} --help`)

const withFlags = (command: CommanderCommand): CommanderCommand =>
  named(command).addOption(new Option('--scheme <scheme>', 'what the versions are of').choices(SCHEMES))

const withConfig = (command: CommanderCommand): CommanderCommand =>
  command.option('--config <file>', 'the configuration; default: stage.config.* found upward from here')
