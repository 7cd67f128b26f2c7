import { type Command, InvalidArgumentError, type Option } from 'commander'
import { type Channel, channels } from '../model/version-policy.ts'
import { suggestion } from '../recipe/closest.ts'
import { parseNames } from './flags.ts'

/** What every command has but the sandbox. */
export function commonFlags(command: Command): Command {
  return command
    .helpOption('-h, --help', 'print this help')
    .showSuggestionAfterError()
    .option('--config <file>', 'the configuration; default: stage.config.* found upward from here')
    .option('--json', 'events as JSON lines, or the result as JSON, on standard output')
    .option('-v, --verbose', 'show everything that steps print')
    .option('-q, --quiet', 'show problems and the end only')
    .option('--no-color', 'no colour (NO_COLOR does the same)')
}

/** For commands that look at the hosts of a stage. */
export function hostFlags(command: Command): Command {
  return commonFlags(whichHosts(command))
}

function whichHosts(command: Command): Command {
  return command
    .option('--hosts <names>', 'only these hosts of the stage: a,b or @file', parseNames)
    .option('--except <names>', 'all hosts of the stage but these: a,b or @file', parseNames)
}

/** For commands that change hosts and switch nothing. */
export function upkeepFlags(command: Command): Command {
  return commonFlags(changeFlags(command))
}

/** What every command has that changes hosts of a stage. */
function changeFlags(command: Command): Command {
  return lockFlags(whichHosts(command).option('-n, --dry-run', 'say what would be done; change nothing'))
}

/** For every command that needs the lock of a stage. */
export function lockFlags(command: Command): Command {
  return command.option(
    '--wait-lock <seconds>',
    'how long to wait for a run that holds the stage; default: not at all',
    parseSeconds,
  )
}

/**
 * For commands that build or switch.
 *
 * @param own the command's own, which its help shows first
 */
export function runFlags(command: Command, own: readonly Option[] = []): Command {
  for (const option of own) command.addOption(option)
  return commonFlags(
    changeFlags(command)
      .option('--keep-failed', 'keep what was built when it fails, to look at it')
      .option('--allow-downgrade', 'switch to a lower version than the live one')
      .option(
        '--accept <channel>',
        'let in a channel that the stage does not accept; it is recorded',
        parseChannel,
      )
      .option('--reason <text>', 'why it is let in')
      .option('-y, --yes', 'answer every question with yes')
      .option('--log <file>', 'where the log of the run goes'),
  )
}

function parseChannel(text: string): Channel {
  const channel = channels.find(known => known === text)
  if (channel !== undefined) return channel
  throw new InvalidArgumentError(suggestion(text, channels, 'the channels are'))
}

function parseSeconds(text: string): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(seconds) || seconds < 0)
    throw new InvalidArgumentError('a number of seconds, 0 or more')
  return seconds
}
