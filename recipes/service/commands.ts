import { StageError } from 'stage-deploy'
import type { Command } from './options.ts'

const isOfAll = (command: Command): command is readonly string[] => Array.isArray(command)

/** Every command that is written, whichever stage it is of. */
export const commandsIn = (command: Command): readonly (readonly string[])[] =>
  isOfAll(command) ? [command] : Object.values(command)

/** The command of one stage. @throws StageError `config` where it has none */
export function commandOf(service: string, command: Command, stage: string): readonly string[] {
  const argv = isOfAll(command) ? command : Object.hasOwn(command, stage) ? command[stage] : undefined
  if (argv !== undefined) return argv
  throw new StageError('config', `the service '${service}' has no command on the stage '${stage}'`, {
    hint: `write it: command: { '${stage}': ['…'] }, or one list for all stages`,
  })
}
