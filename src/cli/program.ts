import { Command as CommanderCommand, InvalidArgumentError, Option } from 'commander'
import { suggestion } from '../recipe/closest.ts'
import { linesOnScreen } from '../report/on-screen.ts'
import { withoutCredentials } from '../shell/credentials.ts'
import type { Action } from './action.ts'
import { commonFlags, hostFlags, lockFlags, runFlags, upkeepFlags } from './command-flags.ts'
import { addOnHosts } from './hosts-program.ts'
import { initRecipes } from './init/recipes.ts'
import { toolVersion } from './tool.ts'
import { addVersion } from './version-program.ts'

const more = `
Examples:
  deploy staging                     build, verify, switch: on all its hosts
  deploy production --dry-run        print the plan; change nothing
  deploy promote staging production  switch to what staging is live on
  deploy rollback production         back to the previous revision
  deploy status                      what is live where
  deploy run production -- uptime    the same command on all its hosts
  deploy check production            is all as it should be
  deploy version bump minor 1.4.2    the version after this one
  deploy recover production --back   after a split: back to where all hosts were

The options of a deploy: deploy help deploy. Of another: deploy help COMMAND.

Exit codes:
    0  done, or nothing to do    4  failed before the switch: nothing switched
    1  a bug                     5  failed at or after it: all hosts put back
    2  usage or configuration    6  split or unknown: a person must look
    3  refused in preflight      7  locked by another run, or frozen
    8  check: something differs; run, authorize: failed somewhere
  130  interrupted or called off   74  standard output could not be written`

/**
 * The command line. Only names and texts stand here: what a command does is loaded when it is called, so that
 * `--help` loads no SSH, no configuration and no renderer.
 *
 * @param choose is given the action of the command that was called
 */
export function buildProgram(choose: (action: Action) => void): CommanderCommand {
  const program = new CommanderCommand('deploy')
    .description('Ship a Python application to every host of a stage: all hosts switch, or none does.')
    .usage('STAGE [SDIST] [options]\n       deploy COMMAND …')
    .version(toolVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showSuggestionAfterError()
    .configureOutput({
      // It repeats what was written as an argument.
      outputError: (text, write) => write(linesOnScreen(withoutCredentials(asHint(text)))),
    })
    .enablePositionalOptions()
    .addHelpText('after', more)
  addRuns(program, choose)
  addLooks(program, choose)
  addUpkeep(program, choose)
  addRecovery(program, choose)
  addOnHosts(program, choose)
  addVersion(program, choose)
  for (const command of program.commands) command.showHelpAfterError(`  → ${wayOn(command.name())}`)
  addHelp(program)
  return program
}

/** What to read when a command was called in a way that it does not know. */
const wayOn = (command: string): string =>
  command === 'deploy' ? 'deploy STAGE [SDIST]; everything else: deploy --help' : `deploy help ${command}`

/** A suggestion of commander, as ours are written. */
const asHint = (text: string): string => text.replace(/\n\((Did) (you mean .*)\)\n$/, '\n  → did $2\n')

/** commander's own help command says nothing about a command that it does not know. */
function addHelp(program: CommanderCommand): void {
  const help = program.command('help').description('Print the help of a command.').argument('[command]')
  help.helpOption(false).action((name: string | undefined) => {
    if (name === undefined) return program.help()
    const found = program.commands.find(command => command.name() === name)
    if (found !== undefined) return found.help()
    const names = program.commands.map(command => command.name())
    return help.error(
      `error: there is no command '${name}'\n  → ${suggestion(name, names, 'the commands are')}`,
    )
  })
}

function addRuns(program: CommanderCommand, choose: (action: Action) => void): void {
  const commands = () => program.commands.map(command => command.name())
  runFlags(program.command('deploy', { isDefault: true, hidden: true }), [
    new Option('--build', 'run the configured build command first, and deploy what it wrote'),
  ])
    .configureHelp({ commandUsage: () => 'deploy STAGE [SDIST] [options]' })
    .description('Upload, build, verify on every host; then switch all of them.')
    .argument('<stage>', 'the stage to deploy to')
    .argument('[sdist]', 'an sdist, or a glob; default: the highest version of the configured artifact')
    .action((stage: string, sdist: string | undefined, flags) =>
      choose(async command =>
        (await import('./commands/deploy.ts')).deploy(
          command,
          { intent: 'deploy', stage, sdist, commands: commands() },
          flags,
        ),
      ),
    )
  runFlags(program.command('prepare'), [new Option('--build', 'run the configured build command first')])
    .description('Everything but the switch: upload, build and verify, up to the seal.')
    .argument('<stage>', 'the stage whose hosts are prepared')
    .argument('[sdist]', 'an sdist, or a glob')
    .action((stage: string, sdist: string | undefined, flags) =>
      choose(async command =>
        (await import('./commands/deploy.ts')).deploy(
          command,
          { intent: 'prepare', stage, sdist, commands: [] },
          flags,
        ),
      ),
    )
  runFlags(program.command('promote'))
    .description(
      'Switch a stage to the revision that another one is live on; nothing is built where it stands.',
    )
    .argument('<from>', 'the stage that is promoted')
    .argument('<to>', 'the stage that is switched')
    .action((from: string, to: string, flags) =>
      choose(async command => (await import('./commands/promote.ts')).promote(command, from, to, flags)),
    )
  runFlags(program.command('rollback'), [
    new Option('--to <revision>', 'a revision that stands, instead of the previous one'),
  ])
    .description('Switch a stage back to its previous revision.')
    .argument('[stage]', 'default: the stage that was switched last; it is named, and asked about')
    .action((stage: string | undefined, flags) =>
      choose(async command => (await import('./commands/rollback.ts')).rollback(command, stage, flags)),
    )
}

function addRecovery(program: CommanderCommand, choose: (action: Action) => void): void {
  lockFlags(commonFlags(program.command('recover')))
    .description('Mend a split: switch all hosts of the switch that split back, or all of them forward.')
    .argument('<stage>', 'the stage that is split')
    .option('--back', 'every host to the revision that the switch came from there')
    .option('--forward', 'all hosts to the revision that the switch went to')
    .option('-n, --dry-run', 'print the plan; change nothing')
    .option('--log <file>', 'where the log of the run goes')
    .action((stage: string, flags) =>
      choose(async command => (await import('./commands/recover.ts')).recover(command, stage, flags)),
    )
  lockFlags(commonFlags(program.command('lock')))
    .description('Freeze a stage: nothing changes it on any of its hosts until it is unlocked.')
    .argument('<stage>')
    .requiredOption('--reason <text>', 'what everybody is told who wants to change it')
    .option('-n, --dry-run', 'say what would be done; change nothing')
    .action((stage: string, flags) =>
      choose(async command => (await import('./commands/freeze.ts')).lock(command, stage, flags)),
    )
  lockFlags(commonFlags(program.command('unlock')))
    .description('End what `deploy lock` began.')
    .argument('<stage>')
    .option('--reason <text>', 'for the record')
    .option('-n, --dry-run', 'say what would be done; change nothing')
    .action((stage: string, flags) =>
      choose(async command => (await import('./commands/freeze.ts')).unlock(command, stage, flags)),
    )
}

function addLooks(program: CommanderCommand, choose: (action: Action) => void): void {
  hostFlags(program.command('status'))
    .description('What is live where: hosts, live and previous revision, verdict, lock, split.')
    .argument('[stage]', 'default: every stage')
    .action((stage: string | undefined, flags) =>
      choose(async command => (await import('./commands/look.ts')).status(command, stage, flags)),
    )
  hostFlags(program.command('check'))
    .description('Expected against actual: what differs on the hosts, and what mends it. Changes nothing.')
    .argument('[stage]', 'default: every stage')
    .action((stage: string | undefined, flags) =>
      choose(async command => (await import('./commands/check.ts')).check(command, stage, flags)),
    )
  hostFlags(program.command('revisions'))
    .description('The revisions on the hosts of a stage, with their verdicts.')
    .argument('<stage>')
    .action((stage: string, flags) =>
      choose(async command => (await import('./commands/look.ts')).revisions(command, stage, flags)),
    )
  hostFlags(program.command('history'))
    .description('The switches of a stage, from the journals of its hosts.')
    .argument('<stage>')
    .action((stage: string, flags) =>
      choose(async command => (await import('./commands/look.ts')).history(command, stage, flags)),
    )
}

function addUpkeep(program: CommanderCommand, choose: (action: Action) => void): void {
  upkeepFlags(program.command('discard'))
    .description('Forget a rejected revision, on the record, so that its version can be shipped again.')
    .argument('<revision>')
    .argument('<stage>')
    .action((revision: string, stage: string, flags) =>
      choose(async command =>
        (await import('./commands/maintenance.ts')).discard(command, revision, stage, flags),
      ),
    )
  upkeepFlags(program.command('prune'))
    .description('Remove the revisions that retention no longer covers.')
    .argument('<stage>')
    .action((stage: string, flags) =>
      choose(async command => (await import('./commands/maintenance.ts')).prune(command, stage, flags)),
    )
  program
    .command('init')
    .helpOption('-h, --help', 'print this help')
    .description('Write a commented stage.config.ts here. What is there is never overwritten.')
    .option(
      '--recipe <name>',
      `one of: ${initRecipes.map(({ name }) => name).join(', ')}`,
      initRecipes[0].name,
    )
    .action((flags: { recipe: string }) =>
      choose(async command => (await import('./commands/init.ts')).init(command, flags)),
    )
  program
    .command('sandbox')
    .description('Throw-away SSH hosts on this machine, to try a configuration on. Ctrl-C stops them.')
    .option('--count <number>', 'how many hosts', parseCount, 3)
    .option('--project <name>', 'the project that the printed configuration is for')
    .action((flags: { count: number; project?: string }) =>
      choose(async command => (await import('./commands/sandbox.ts')).sandbox(command, flags)),
    )
}

function parseCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('a whole number from 1 on')
  return count
}
