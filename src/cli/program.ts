import { Command as CommanderCommand, InvalidArgumentError, Option } from 'commander'
import type { ExitCode } from '../model/outcome.ts'
import { parseNames } from './flags.ts'
import type { Command } from './run-on-stage.ts'
import { toolVersion } from './tool.ts'

/** Does what was asked for and says how it ended. */
export type Action = (command: Command) => Promise<ExitCode>

const examples = `
Examples:
  deploy staging                     upload, build, verify on every host of staging; then switch all of them
  deploy production dist/shop-1.4.0.tar.gz
  deploy production --dry-run        print the plan; change nothing
  deploy promote staging production  switch production to what staging is live on
  deploy rollback production         back to the previous revision, in seconds
  deploy status                      what is live where
  deploy recover production --back   after a split: every host to where it came from

The options of a deploy: deploy help deploy. Those of another command: deploy help COMMAND.

Exit codes: 0 done, 2 usage or configuration, 3 refused in preflight, 4 failed before the switch (nothing switched),
5 failed at or after the switch (all put back), 6 split or unknown, 7 locked, 130 interrupted (nothing switched).`

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
    .helpCommand('help [command]', 'print the help of a command')
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .addHelpText('after', examples)
  addRuns(program, choose)
  addLooks(program, choose)
  addUpkeep(program, choose)
  addRecovery(program, choose)
  return program
}

function addRuns(program: CommanderCommand, choose: (action: Action) => void): void {
  runFlags(program.command('deploy', { isDefault: true, hidden: true }))
    .configureHelp({ commandUsage: () => 'deploy STAGE [SDIST] [options]' })
    .description('Upload, build, verify on every host; then switch all of them.')
    .argument('<stage>', 'the stage to deploy to')
    .argument('[sdist]', 'an sdist, or a glob; default: the highest version of the configured artifact')
    .addOption(new Option('--build', 'run the configured build command first, and deploy what it wrote'))
    .action((stage: string, sdist: string | undefined, flags) =>
      choose(async command =>
        (await import('./commands/deploy.ts')).deploy(command, 'deploy', stage, sdist, flags),
      ),
    )
  runFlags(program.command('prepare'))
    .description('Everything but the switch: upload, build and verify, up to the seal.')
    .argument('<stage>', 'the stage whose hosts are prepared')
    .argument('[sdist]', 'an sdist, or a glob')
    .addOption(new Option('--build', 'run the configured build command first'))
    .action((stage: string, sdist: string | undefined, flags) =>
      choose(async command =>
        (await import('./commands/deploy.ts')).deploy(command, 'prepare', stage, sdist, flags),
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
  runFlags(program.command('rollback'))
    .description('Switch a stage back to its previous revision.')
    .argument('[stage]', 'default: the stage that was switched last; it is named, and asked about')
    .option('--to <revision>', 'a revision that stands, instead of the previous one')
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
    .command('sandbox')
    .description('Throw-away SSH hosts on this machine, to try a configuration on. Ctrl-C stops them.')
    .option('--count <number>', 'how many hosts', parseCount, 3)
    .option('--project <name>', 'the project that the printed configuration is for')
    .action((flags: { count: number; project?: string }) =>
      choose(async command => (await import('./commands/sandbox.ts')).sandbox(command, flags)),
    )
}

function commonFlags(command: CommanderCommand): CommanderCommand {
  return command
    .helpOption('-h, --help', 'print this help')
    .showSuggestionAfterError()
    .option('--config <file>', 'the configuration; default: stage.config.* found upward from here')
    .option('--json', 'events as JSON lines, or the result as JSON, on standard output')
    .option('-v, --verbose', 'show everything that steps print')
    .option('-q, --quiet', 'show problems and the end only')
    .option('--no-color', 'no colour (NO_COLOR does the same)')
}

function hostFlags(command: CommanderCommand): CommanderCommand {
  return commonFlags(command)
    .option('--hosts <names>', 'only these hosts of the stage: a,b', parseNames)
    .option('--except <names>', 'all hosts of the stage but these', parseNames)
}

function upkeepFlags(command: CommanderCommand): CommanderCommand {
  return lockFlags(hostFlags(command)).option('-n, --dry-run', 'say what would be done; change nothing')
}

function lockFlags(command: CommanderCommand): CommanderCommand {
  return command.option(
    '--wait-lock <seconds>',
    'how long to wait for a run that holds the stage; default: not at all',
    parseSeconds,
  )
}

function runFlags(command: CommanderCommand): CommanderCommand {
  return upkeepFlags(command)
    .option('--log <file>', 'where the log of the run goes')
    .option('--keep-failed', 'keep what was built when it fails, to look at it')
    .option('--allow-downgrade', 'switch to a lower version than the live one')
    .option('-y, --yes', 'answer every question with yes')
}

function parseSeconds(text: string): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(seconds) || seconds < 0)
    throw new InvalidArgumentError('a number of seconds, 0 or more')
  return seconds
}

function parseCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('a whole number from 1 on')
  return count
}
