import type { Mutant } from './mutant.ts'

const SIGNALS = 'test/lab/signals.test.ts'
const KILLED = 'test/lab/killed.test.ts'
const LEFTOVERS = 'test/lab/leftovers.test.ts'
const TWO = 'test/lab/two-runners.test.ts'
const UNANSWERED = 'test/lab/unanswered.test.ts'

/** F8-F11: a runner that is told to stop, that is gone, or that is not alone. */
export const theRunner: readonly Mutant[] = [
  {
    protection: 'the second signal gives up a host that does not answer',
    file: 'src/cli/session.ts',
    old: 'if (deps.leavesAtOnce === true)',
    instead: 'if (deps.leavesAtOnce === false)',
    seenBy: { file: UNANSWERED, title: /^F19 a host that never answers a prune is left/ },
  },
  {
    protection: 'an interrupted run removes what it has begun',
    file: 'src/apply/clean-up.ts',
    old: 'if (!host.begun || host.end.isLost) return',
    instead: 'if (!host.begun || host.end.isLost || run.deps.interrupted.aborted) return',
    seenBy: { file: SIGNALS, title: /^F8 one signal SIG\w+ at: build$/ },
  },
  {
    protection: 'a step is stopped with all processes of its group',
    file: 'src/remote/end/group.py',
    old: 'os.killpg(self._leader, number)',
    instead: 'os.kill(self._leader, number)',
    seenBy: { file: SIGNALS, title: /^F8 one signal SIG\w+ at: build$/ },
  },
  {
    protection: 'a verification that was interrupted is no verdict',
    file: 'src/apply/run-step.ts',
    old: 'const ended = await exec(run, host, specOf(task, task.action), { ...options, onOutput })\n      return { outcome: outcomeOfEnd(ended, task.timeoutOption), verdict: judges(ended) }',
    instead:
      "const ended = await exec(run, host, specOf(task, task.action), { ...options, onOutput })\n      const outcome = outcomeOfEnd(ended, task.timeoutOption)\n      return { outcome: outcome.kind === 'cancelled' ? failed('cancelled') : outcome, verdict: true }",
    seenBy: { file: SIGNALS, title: /^F8 an interruption during the verification/ },
  },
  {
    protection: 'a host that has lost its runner renames its link back',
    file: 'src/remote/end/switch.py',
    old: "('fired', 'loss'): _PUT_BACK,",
    instead: "('fired', 'loss'): _Move(('record-put-back', 'remove-links'), 'put-back', 'fired'),",
    seenBy: { file: KILLED, title: /^F9 SIGKILL at: activate$/ },
  },
  {
    protection: 'a host that has lost its runner undoes what was started',
    file: 'src/remote/end/ending.py',
    old: 'session.undo.waiting() if session.switching.undo_is_due else []',
    instead: '[]',
    seenBy: { file: KILLED, title: /^F9 SIGKILL at: activate$/ },
  },
  {
    protection: 'a host that has lost its runner stops what is running',
    file: 'src/remote/end/ending.py',
    old: "        self._programs.stop_all(f'cancelled: {why}')\n        self._exchange.cancel_all()\n",
    instead: '',
    seenBy: { file: KILLED, title: /^F9 SIGKILL at: build$/ },
  },
  {
    protection: 'silence of the heartbeat is the loss of the runner',
    file: 'src/remote/end/inlet.py',
    old: 'if now - self._heard >= self._silence_s:',
    instead: 'if now < self._heard:',
    seenBy: { file: KILLED, title: /^F9 a runner that is frozen at: activate keeps its connections/ },
  },
  {
    protection: 'a run that was interrupted before the switch says so',
    file: 'src/apply/ended.ts',
    old: 'deps.interrupted.aborted ? exitCodes.interrupted',
    instead: 'deps.abandoned.aborted ? exitCodes.interrupted',
    seenBy: { file: SIGNALS, title: /^F8 one signal SIG\w+ at: verify$/ },
  },
  {
    protection: 'what a dead build left unfinished is removed before it is built anew',
    file: 'src/apply/host-phases.ts',
    old: 'if (host.leftover) await',
    instead: 'if (host.leftover && run.deps.keepFailed) await',
    seenBy: { file: LEFTOVERS, title: /^F10 a revision that a dead build left unfinished/ },
  },
  {
    protection: 'a directory that was not made here is refused before anything is done',
    file: 'src/plan/preflight-revision.ts',
    old: 'if (facts.foreign.includes(wanted.name)) {',
    instead: "if (facts.foreign.includes(wanted.name) && facts.host === '') {",
    seenBy: { file: LEFTOVERS, title: /^F10 a directory that the journal does not know/ },
  },
  {
    protection: 'a lock is held by a process, whatever the text of its file says',
    file: 'src/remote/end/locks.py',
    old: "        return not _try(descriptor, 'shared')",
    instead: '        return os.fstat(descriptor).st_size > 0',
    seenBy: { file: LEFTOVERS, title: /^F10 a lock file whose text names a run/ },
  },
  {
    protection: 'the lock of a stage is for one run alone',
    file: 'src/remote/end/locks.py',
    old: '        if not _try(descriptor, mode):\n            os.close(descriptor)',
    instead: "        if not _try(descriptor, 'shared'):\n            os.close(descriptor)",
    seenBy: { file: TWO, title: /^F11 two runs at once of which one has begun/ },
  },
  {
    protection: 'the lock of a stage is asked for on every host',
    file: 'src/apply/lock.ts',
    old: "return [{ host: plan.host, end, name: stage, mode: 'exclusive' }, ...ofRevision]",
    instead:
      "const ofStage = { host: plan.host, end, name: stage, mode: 'exclusive' } as const\n    return run.hosts.keys().next().value === plan.host ? [ofStage, ...ofRevision] : ofRevision",
    seenBy: { file: TWO, title: /^F11 the lock of a stage, .* refuses a rollback with exit 7/ },
  },
  {
    protection: 'of two runs that are still locking one gives way, and only one',
    file: 'src/apply/lock.ts',
    old: 'holder.run <= deps.runId',
    instead: 'holder.run !== deps.runId',
    seenBy: { file: TWO, title: /^F11 two runs at once each with the lock of the host that is nearer/ },
  },
  {
    protection: 'a lock whose file was replaced is none, and nothing is armed without it',
    file: 'src/remote/end/locks.py',
    old: '        if not _is_at(self._layout.lock(name), held.descriptor):',
    instead: '        if held.mode not in _OPERATIONS:',
    seenBy: { file: TWO, title: /^F11 a lock whose file was replaced/ },
  },
  {
    protection: 'a switch that another run has taken is nothing to who armed it any more',
    file: 'src/remote/end/effects.py',
    old: "        return state == 'put-back' or body['id'] in history.taken\n",
    instead: '        return False\n',
    seenBy: { file: TWO, title: /^F11 a lock whose files were removed everywhere .* the very same revision/ },
  },
]
