import type { Mutant } from './mutant.ts'

const FAILING = 'test/lab/failing.test.ts'

/** F1-F4: what fails before the switch. */
export const beforeTheSwitch: readonly Mutant[] = [
  {
    protection: 'after a phase that failed on one host no phase begins',
    file: 'src/apply/run-phases.ts',
    old: "if (outcome.kind === 'ok') continue",
    instead: "if (outcome.kind !== 'cancelled') continue",
    seenBy: { file: FAILING, title: /^F1 an upload that fails/ },
  },
  {
    protection: 'what was begun is removed after a failure',
    file: 'src/apply/run-phases.ts',
    old: '    await cleanUpBuilds(run)\n',
    instead: '    if (run.deps.keepFailed) await cleanUpBuilds(run)\n',
    seenBy: { file: FAILING, title: /^F2 F3 a build that fails .* exits non-zero/ },
  },
  {
    protection: 'the first failure stops the running steps of the other hosts',
    file: 'src/apply/on-every-host.ts',
    old: "    if (outcome.kind !== 'ok') stop.abort()\n",
    instead: '',
    seenBy: { file: FAILING, title: /^F2 F3 a build that fails .* exits non-zero/ },
  },
  {
    protection: 'a program that was killed by a signal has failed',
    file: 'src/apply/outcome-of.ts',
    old: "    case 'signalled':\n      return failed(",
    instead: "    case 'signalled':\n      if (ended.code === null) return ok\n      return failed(",
    seenBy: { file: FAILING, title: /^F3 a hook that is killed by a signal/ },
  },
  {
    protection: 'a verification that failed is written down as a verdict',
    file: 'src/apply/clean-up.ts',
    old: 'if (rejection !== undefined) {',
    instead: 'if (rejection !== undefined && keepFailed) {',
    seenBy: {
      file: FAILING,
      title: /^F4 a verification .* switches nowhere and rejects the revision on all/,
    },
  },
  {
    protection: 'the verdict of one host is written on all',
    file: 'src/apply/clean-up.ts',
    old: 'if (rejection !== undefined) {',
    instead: 'if (rejection !== undefined && host.rejection !== undefined) {',
    seenBy: {
      file: FAILING,
      title: /^F4 a verification .* switches nowhere and rejects the revision on all/,
    },
  },
  {
    protection: 'a rejected revision is refused before anything is done',
    file: 'src/plan/preflight-revision.ts',
    old: 'return problem === undefined ? [] : [problem]',
    instead: "return problem === undefined || problem.code === 'rejected' ? [] : [problem]",
    seenBy: { file: FAILING, title: /^F4 a verification .* makes the same bytes refused/ },
  },
]
