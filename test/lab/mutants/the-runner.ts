import type { Mutant } from './mutant.ts'

const INTERRUPTED = 'test/lab/interrupted.test.ts'

/** F8-F11: a runner that is told to stop, that is gone, or that is not alone. */
export const theRunner: readonly Mutant[] = [
  {
    protection: 'an interrupted run removes what it has begun',
    file: 'src/apply/clean-up.ts',
    old: 'if (!host.begun || host.end.isLost) return',
    instead: 'if (!host.begun || host.end.isLost || run.deps.interrupted.aborted) return',
    seenBy: { file: INTERRUPTED, title: /^F8 SIGTERM during the build/ },
  },
  {
    protection: 'a step is stopped with all processes of its group',
    file: 'src/remote/end/group.py',
    old: 'os.killpg(self._leader, number)',
    instead: 'os.kill(self._leader, number)',
    seenBy: { file: INTERRUPTED, title: /^F8 SIGINT during the build/ },
  },
  {
    protection: 'a verification that was interrupted is no verdict',
    file: 'src/apply/run-step.ts',
    old: 'return { outcome: outcomeOfEnd(ended), verdict: judges(ended) }',
    instead:
      "const outcome = outcomeOfEnd(ended)\n      return { outcome: outcome.kind === 'cancelled' ? failed('cancelled') : outcome, verdict: true }",
    seenBy: { file: INTERRUPTED, title: /^F8 an interruption during the verification/ },
  },
  {
    protection: 'a host that has lost its runner renames its link back',
    file: 'src/remote/end/switch.py',
    old: "('fired', 'loss'): _PUT_BACK,",
    instead: "('fired', 'loss'): _Move(('record-put-back', 'remove-links'), 'put-back', 'fired'),",
    seenBy: { file: INTERRUPTED, title: /^F9 a runner that is killed during activate/ },
  },
  {
    protection: 'a host that has lost its runner undoes what was started',
    file: 'src/remote/end/ending.py',
    old: 'session.undo.waiting() if session.switching.undo_is_due else []',
    instead: '[]',
    seenBy: { file: INTERRUPTED, title: /^F9 a runner that is killed during activate/ },
  },
  {
    protection: 'a host that has lost its runner stops what is running',
    file: 'src/remote/end/ending.py',
    old: "        self._programs.stop_all(f'cancelled: {why}')\n",
    instead: '',
    seenBy: { file: INTERRUPTED, title: /^F9 a runner that is killed during build/ },
  },
  {
    protection: 'silence of the heartbeat is the loss of the runner',
    file: 'src/remote/end/inlet.py',
    old: 'if now - self._heard >= self._silence_s:',
    instead: 'if now < self._heard:',
    seenBy: { file: INTERRUPTED, title: /^F9 a runner .* whose connections hang/ },
  },
  {
    protection: 'the lock of a stage is for one run alone',
    file: 'src/remote/end/locks.py',
    old: '        if not _try(descriptor, mode):\n            os.close(descriptor)',
    instead: "        if not _try(descriptor, 'shared'):\n            os.close(descriptor)",
    seenBy: { file: INTERRUPTED, title: /^F11 two runs at once of which one has begun/ },
  },
  {
    protection: 'of two runs that are still locking one gives way, and only one',
    file: 'src/apply/lock.ts',
    old: 'holder.run <= deps.runId',
    instead: 'holder.run !== deps.runId',
    seenBy: { file: INTERRUPTED, title: /^F11 two runs at once in the same instant/ },
  },
]
