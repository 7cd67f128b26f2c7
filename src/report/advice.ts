import type { RevisionName, StageName } from '../model/names.ts'
import { type ExitCode, exitCodes } from '../model/outcome.ts'
import type { Failure } from './run-recorder.ts'

/** What to do about a step that failed, by where in the run it was. A line for each thing, with the exact command. */
export function adviceFor(
  failure: Failure,
  run: {
    readonly stage: StageName
    readonly revision: RevisionName
    readonly exit: ExitCode | undefined
    /** Did any host write the verdict? A verification that could not be made says nothing about the revision. */
    readonly rejected: boolean
  },
): readonly string[] {
  if (failure.outcome.kind === 'unknown') {
    if (run.exit === exitCodes.putBack)
      return ['the host was lost over it, and is put back by now: mend what came between, and run this again']
    return [`nobody knows what became of it: look at the host, and at \`deploy status ${run.stage}\``]
  }
  switch (failure.phase) {
    case undefined:
    case 'lock':
    case 'upload':
      return [again]
    case 'build':
      return [again, 'only with --keep-failed does what was built so far stay on the host, to be looked at']
    case 'verify':
    case 'seal':
      if (!run.rejected) return [`${run.revision} is not rejected: ${again}`]
      return [
        `${run.revision} is rejected now and is never switched to: mend it and ship a new version`,
        `if it was not to blame, \`deploy discard ${run.revision} ${run.stage}\` forgets the rejection`,
      ]
    case 'switch':
    case 'activate':
    case 'health':
      return run.exit === exitCodes.splitOrUnknown
        ? [`look at the host, and at \`deploy status ${run.stage}\`, before anything else`]
        : [
            'if it is the application, mend it and ship a new version; otherwise mend the host and run this again',
          ]
    case 'prune':
      return [`what is live is not affected; \`deploy prune ${run.stage}\` tries again`]
  }
}

const again = 'mend the cause and run the same command again'
