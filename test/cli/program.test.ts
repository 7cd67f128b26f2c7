import { CommanderError } from 'commander'
import { describe, expect, test } from 'vitest'
import { buildProgram } from '../../src/cli/program.ts'

/** What a command line comes to: an action, or why there is none. */
async function parsed(...args: readonly string[]): Promise<string> {
  const chosen: unknown[] = []
  const program = buildProgram(action => chosen.push(action))
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ writeErr: () => undefined, outputError: () => undefined })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return `${chosen.length} action`
  } catch (error) {
    if (error instanceof CommanderError) return error.code
    throw error
  }
}

describe('the command line', () => {
  test.each([
    ['recover', 'production', '--back'],
    ['recover', 'production', '--forward', '--dry-run', '--wait-lock', '60'],
    // Which way is asked about when the hosts have said what each comes to.
    ['recover', 'production'],
    ['lock', 'production', '--reason', 'the sale'],
    ['unlock', 'production'],
    ['production', '--wait-lock', '0.5'],
    ['prune', 'production', '--wait-lock', '60'],
    ['discard', 'shop-1.0', 'production', '--wait-lock', '60'],
    ['rollback', '--wait-lock', '60'],
  ])('%s %s %s %s %s %s is understood', async (...args) => {
    expect(await parsed(...args)).toBe('1 action')
  })

  test.each([
    [['lock', 'production'], 'commander.missingMandatoryOptionValue'],
    [['recover'], 'commander.missingArgument'],
    [['recover', 'production', '--hosts', 'web1'], 'commander.unknownOption'],
    [['production', '--wait-lock', 'soon'], 'commander.invalidArgument'],
    [['production', '--wait-lock', '-1'], 'commander.invalidArgument'],
    [['status', '--wait-lock', '60'], 'commander.unknownOption'],
  ])('%j is refused: %s', async (args, code) => {
    expect(await parsed(...args)).toBe(code)
  })
})
