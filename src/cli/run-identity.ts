import { randomBytes } from 'node:crypto'
import type { RunIdentity } from '../model/plan.ts'
import { createRedactor } from '../report/redact.ts'
import { quote } from '../shell/quote.ts'
import { shownCommand } from '../shell/shown-command.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * Who runs this. The id sorts by time, to the millisecond, with a random end: of two runs that lock at once the greater
 * one gives way. It also names the switch in every journal.
 *
 * @param secrets those that are known by now, by name; they are taken out of the command
 */
export function runIdentity(
  around: Surroundings,
  secrets: ReadonlyMap<string, string> = new Map(),
): RunIdentity {
  const atMs = around.now()
  const time = new Date(atMs).toISOString().replaceAll(/[-:.]/g, '')
  return {
    id: `${time}-${randomBytes(3).toString('hex')}`,
    by: around.user,
    from: around.hostname,
    pid: around.pid,
    // Every journal has it, and whoever meets its lock.
    command: createRedactor(secrets)(shownCommand(['deploy', ...around.argv], quote)),
    atMs,
  }
}
