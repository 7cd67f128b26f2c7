import { type Command as CommanderCommand, InvalidArgumentError } from 'commander'
import type { Action } from './action.ts'
import { hostFlags } from './command-flags.ts'

/** The time limit of a step, which a command without one of its own gets too. */
const DEFAULT_TIMEOUT_MS = 600_000
/** A timer of Node takes no more milliseconds (node:timers, `setTimeout`). */
const LONGEST_MS = 2 ** 31 - 1

const runNotes = `
What stands after -- reaches the hosts as it is: no shell reads it there.
A script is run by /bin/sh, or by what its first line names after #!;
what stands after -- is then its arguments. It takes no lock.

  deploy run staging -- df -h /var
  deploy run production --script restart.sh --serial -- gently
  deploy run production --hosts @backend.txt --group -- uptime`

const authorizeNotes = `
Where no key opens a host yet, the password of the account is asked for, once
for all hosts, on the terminal. A key that is revoked is not used for it.
A password is given only to hosts whose keys are known, also with
hostKeys: 'accept-new': another one is refused with the command that records it.`

/** What is done on the hosts of a stage beside deploying to it. */
export function addOnHosts(program: CommanderCommand, choose: (action: Action) => void): void {
  addRun(program, choose)
  addAuthorize(program, choose)
}

function addRun(program: CommanderCommand, choose: (action: Action) => void): void {
  hostFlags(
    program
      .command('run')
      .option('--script <file>', 'a script to run there; - is standard input')
      .option('--serial', 'one host after the other, in the order of the stage')
      .option('--group', 'what a host prints together, instead of line by line as it comes')
      .option('--timeout <time>', '90, 90s, 5m or 2h, on each host (default: 10m)', parseTime)
      .option('--cwd <directory>', 'where it runs; default: the home of the account'),
  )
    .description('Run the same command on all hosts of a stage.')
    .argument('<stage>')
    .argument('[command...]', 'after --')
    .usage('STAGE [options] -- COMMAND…')
    .addHelpText('after', runNotes)
    .action((stage: string, operands: readonly string[], { timeout = DEFAULT_TIMEOUT_MS, ...flags }) =>
      choose(async command =>
        (await import('./commands/run.ts')).run(command, stage, operands, { ...flags, timeoutMs: timeout }),
      ),
    )
}

function addAuthorize(program: CommanderCommand, choose: (action: Action) => void): void {
  hostFlags(
    program
      .command('authorize')
      .requiredOption('--key <file>', 'the public key: FILE.pub')
      .option('--revoke', 'take it away instead'),
  )
    .description('Put a public key on all hosts of a stage, or take it away.')
    .argument('<stage>')
    .addHelpText('after', authorizeNotes)
    .action((stage: string, flags) =>
      choose(async command =>
        (await import('./commands/authorize.ts')).authorizeStage(command, stage, flags),
      ),
    )
}

const unitMs = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
])

/** Seconds, or a number with its unit, in milliseconds. */
function parseTime(text: string): number {
  const [, count, unit = 's'] = /^(\d+(?:\.\d+)?)([smh])?$/.exec(text) ?? []
  const ms = Math.round(Number(count) * (unitMs.get(unit) ?? 0))
  if (ms >= 1 && ms <= LONGEST_MS) return ms
  throw new InvalidArgumentError('a time such as 90, 90s, 5m or 2h, of 24 days at most')
}
