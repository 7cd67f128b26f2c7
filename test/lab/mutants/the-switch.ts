import type { Mutant } from './mutant.ts'

const FAILING = 'test/lab/failing.test.ts'
const RECOVER = 'test/lab/recover.test.ts'
const LOST_FIRE = 'test/lab/lost-fire.test.ts'
const LOST_KEEP = 'test/lab/lost-keep.test.ts'

/** F5-F7 and F12: what fails in the switch or after it. */
export const theSwitch: readonly Mutant[] = [
  {
    protection: 'hosts that have switched are put back when one fails',
    file: 'src/apply/switch/machine.ts',
    old: "    state = move(state, host, 'putting-back')\n    commands.push({ type: 'put-back', host })\n",
    instead:
      "    state = move(state, host, position === 'fired' ? 'stuck' : 'putting-back')\n    if (position !== 'fired') commands.push({ type: 'put-back', host })\n",
    seenBy: { file: FAILING, title: /^F5 F6 a failure at or after the switch .* in activate puts all/ },
  },
  {
    protection: 'to put back is to rename the old link into place',
    file: 'src/remote/end/switch.py',
    old: "('rename-back', 'record-put-back', 'remove-links'), 'put-back', 'fired', if_failed",
    instead: "('record-put-back', 'remove-links'), 'put-back', 'fired', if_failed",
    seenBy: { file: FAILING, title: /^F5 F6 a failure at or after the switch .* in health puts all/ },
  },
  {
    protection: 'a put back undoes the steps that were started',
    file: 'src/apply/switch/put-back-host.ts',
    old: "await undoStarted(run, host, 'all')",
    instead: "await undoStarted(run, host, 'local')",
    seenBy: { file: FAILING, title: /^F5 F6 a failure .* activates the old revision again on every host/ },
  },
  {
    protection: 'a rename that fails is said, with its reason',
    file: 'src/remote/end/link.py',
    old: "        raise from_os_error(error, f'switching the link {stage}') from error\n",
    instead: '        return error.strerror\n',
    seenBy: { file: FAILING, title: /^F5 F6 a failure .* is put back when the rename itself fails/ },
  },
  {
    protection: 'one failed undo makes the run exit 6',
    file: 'src/apply/switch/machine.ts',
    old: "positions.every(position => position === 'old') ? 'put-back'",
    instead: "positions.some(position => position === 'old') ? 'put-back'",
    seenBy: { file: FAILING, title: /^F5 F6 a failure .* is exit 6 when an undo fails/ },
  },
  {
    protection: 'a put back that failed is read from the record',
    file: 'src/remote/end/stage_replay.py',
    old: "            switch['putBackFailed'] = text_of(entry, 'reason') or 'no reason was written'\n",
    instead: '',
    seenBy: { file: FAILING, title: /^F5 F6 a failure .* is exit 6 when the put-back fails too/ },
  },
  {
    protection: 'a host that could not be put back makes a split',
    file: 'src/plan/open-switches.ts',
    old: "|| state === 'stuck'",
    instead: '',
    seenBy: { file: FAILING, title: /^F5 F6 a failure .* is exit 6 when the put-back fails too/ },
  },
  {
    protection: 'a host that put back what another one kept is a split',
    file: 'src/plan/open-switches.ts',
    old: "if (record.state === 'put-back' && !wasKept) continue",
    instead: "if (record.state === 'put-back') continue",
    seenBy: { file: RECOVER, title: /^F6 a split is seen by status/ },
  },
  {
    protection: 'a split refuses every run of its stage',
    file: 'src/plan/plan-run.ts',
    old: '...splitProblems(target.stage, open.splits),',
    instead: '...splitProblems(target.stage, open.splits.slice(0, 0)),',
    seenBy: { file: RECOVER, title: /^F6 a split is seen by status/ },
  },
  {
    protection: 'a recovery closes the split where the link was right already',
    file: 'src/apply/close-split.ts',
    old: 'if (closes === undefined || plan.recovers === undefined) return true',
    instead: "if (closes === undefined || plan.recovers === undefined || closes.startsWith('k')) return true",
    seenBy: { file: RECOVER, title: /^F6 a split with a host that died switched is mended forward/ },
  },
  {
    protection: 'a host that is lost after `fire` is asked, and nothing is assumed of it',
    file: 'src/apply/switch/machine.ts',
    old: "return { state: move(state, host, 'reconnecting'), commands: [{ type: 'reconnect', host }] }",
    instead: "return settle(move(state, host, 'old'))",
    seenBy: { file: LOST_FIRE, title: /^F7 a connection that is lost .* and did not arrive/ },
  },
  {
    protection: 'a host that is found switched is put back over the new connection',
    file: 'src/apply/switch/machine.ts',
    old: "return { state: move(state, host, 'putting-back-anew'), commands: [{ type: 'put-back', host }] }",
    instead: "return settle(move(state, host, 'old'))",
    seenBy: { file: LOST_FIRE, title: /^F7 a connection that is lost .* by a remote end that then died/ },
  },
  {
    protection: 'after the first `keep` a lost host is brought forward again',
    file: 'src/apply/switch/machine.ts',
    old: "return state.stage === 'keeping' ? onFoundForward(",
    instead: "return state.stage === 'done' ? onFoundForward(",
    seenBy: { file: LOST_KEEP, title: /^F7 a connection that is lost .* because its remote end is killed/ },
  },
  {
    protection: 'the text of the old link is restored exactly',
    file: 'src/remote/end/link_pair.py',
    old: 'None if old is None else make_link(layout, old, stage)',
    instead: "None if old is None else make_link(layout, old.split('/')[-1], stage)",
    seenBy: {
      file: 'test/lab/refused.test.ts',
      title: /^F12 the link of a stage that is to somewhere outside/,
    },
  },
  {
    protection: 'what stands where the link belongs and is none is left alone',
    file: 'src/plan/preflight-link.ts',
    old: "      const what = link.kind === 'directory'",
    instead: "      if (facts.root.writable) return []\n      const what = link.kind === 'directory'",
    seenBy: { file: 'test/lab/refused.test.ts', title: /^F12 the link of a stage that is a directory/ },
  },
]
