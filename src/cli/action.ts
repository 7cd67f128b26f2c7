import type { ExitCode } from '../model/outcome.ts'
import type { Command } from './run-on-stage.ts'

/** Does what was asked for and says how it ended. */
export type Action = (command: Command) => Promise<ExitCode>
