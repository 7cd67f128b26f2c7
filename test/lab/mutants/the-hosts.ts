import type { Mutant } from './mutant.ts'

const REFUSED = 'test/lab/refused.test.ts'
const ROLLBACK = 'test/lab/rollback.test.ts'
const RETENTION = 'test/lab/retention.test.ts'
const READERS = 'test/lab/readers.test.ts'
const LONG_PAST = 'test/lab/long-past.test.ts'
const OTHER_USERS = 'test/lab/other-users.test.ts'
const FOREIGN = 'test/lab/foreign-configuration.test.ts'
const UNFIT = 'test/lab/unfit-hosts.test.ts'

/** F13-F20, F28, F29: what hosts are, and what stands on them. */
export const theHosts: readonly Mutant[] = [
  {
    protection: 'a run removes a bounded number of revisions',
    file: 'src/plan/plan-run.ts',
    old: 'prune: surplus.slice(0, PRUNED_AT_ONCE),',
    instead: 'prune: surplus,',
    seenBy: { file: LONG_PAST, title: /^F28 of \d+ revisions too many/ },
  },
  {
    protection: 'what should be a file is looked at before it is read',
    file: 'src/remote/end/plain_file.py',
    old: '    if not stat.S_ISREG(os.fstat(descriptor).st_mode):\n',
    instead: '    if False:\n',
    seenBy: { file: LONG_PAST, title: /^F28 a journal replaced by `mkfifo`/ },
  },
  {
    protection: 'the records of a root are closed to other users',
    file: 'src/remote/end/settle.py',
    old: '    _close(layout.records)\n',
    instead: '',
    seenBy: { file: OTHER_USERS, title: /^F29 another user of a host/ },
  },
  {
    protection: 'what the programs of a run make can be written by nobody else, whatever the login says',
    file: 'src/remote/end/main.py',
    old: '    os.umask(0o022)\n',
    instead: '    os.umask(0)\n',
    seenBy: { file: OTHER_USERS, title: /^F29 another user of a host/ },
  },
  {
    protection: 'a revision is tried at a socket that nobody else can reach or foresee',
    file: 'src/remote/end/boot.py',
    old: "        self._folder = tempfile.mkdtemp(prefix='stage-deploy-')\n",
    instead: "        self._folder = '/tmp/stage-deploy-boot_try'\n        os.mkdir(self._folder)\n",
    seenBy: { file: OTHER_USERS, title: /^F29 nobody else reaches the socket/ },
  },
  {
    protection: "a configuration that was found and is somebody else's is not used",
    file: 'src/config/find-config.ts',
    old: '  if (refused !== undefined && !isPackage) throw refused\n',
    instead: '',
    seenBy: { file: FOREIGN, title: /^F29 run by root a stage\.config\.ts/ },
  },
  {
    protection: 'the target of a rollback stands on every host, or no host is touched',
    file: 'src/plan/preflight-revision.ts',
    old: 'return wanted.sdist === undefined ? [notStanding(host, `',
    instead: "return wanted.sdist === undefined && host === '' ? [notStanding(host, `",
    seenBy: { file: ROLLBACK, title: /^F13 a rollback with --to a revision that one host lacks/ },
  },
  {
    protection: 'hosts agree on what a rollback goes back to, or are asked about it',
    file: 'src/plan/choose-rollback.ts',
    old: 'if (!agree) return refused(',
    instead: 'if (!agree && first === undefined) return refused(',
    seenBy: { file: ROLLBACK, title: /^F13 a rollback where hosts disagree/ },
  },
  {
    protection: 'a host that lacks a revision builds it, whoever else has it',
    file: 'src/plan/plan-phases.ts',
    old: 'namesOf(plans.filter(plan => !plan.stands))',
    instead: 'namesOf(plans.every(plan => !plan.stands) ? plans : [])',
    seenBy: {
      file: 'test/lab/added-host.test.ts',
      title: /^F16 a deploy of what is live on all hosts but a new one/,
    },
  },
  {
    protection: 'a revision in which a process runs is not removed',
    file: 'src/remote/end/prune.py',
    old: '    if name in in_use():\n',
    instead: "    if name in in_use() and name == '':\n",
    seenBy: { file: RETENTION, title: /^F14 a revision in which a process still runs/ },
  },
  {
    protection: 'a revision that a link names is not removed, whoever made the link',
    file: 'src/remote/end/removal.py',
    old: '    for link in links:\n',
    instead: '    for link in links[:0]:\n',
    seenBy: { file: RETENTION, title: /^F14 what was not made here, and what a foreign link names/ },
  },
  {
    protection: 'a host that is not in the stage is a mistake and not ignored',
    file: 'src/config/resolve-target.ts',
    old: 'if (!stage.hosts.includes(name))',
    instead: "if (!stage.hosts.includes(name) && name === '')",
    seenBy: { file: REFUSED, title: /^F15 a name that is not there as that of a host is refused/ },
  },
  {
    protection: 'a host key that is not known is refused',
    file: 'src/transport/host-key-check.ts',
    old: 'if (deciding.some(line => line.blob.equals(blob)))',
    instead: 'if (deciding.length === 0 || deciding.some(line => line.blob.equals(blob)))',
    seenBy: { file: REFUSED, title: /^F17 a host key that is unknown is refused/ },
  },
  {
    protection: 'a host key that has changed is refused',
    file: 'src/transport/host-key-check.ts',
    old: "if (known !== undefined) return { kind: 'changed', known }",
    instead: "if (known !== undefined) return { kind: 'trusted' }",
    seenBy: { file: REFUSED, title: /^F17 a host key that has changed/ },
  },
  {
    protection: 'a root that cannot be written is found in preflight',
    file: 'src/plan/preflight-root.ts',
    old: 'if (!root.writable) {',
    instead: "if (!root.writable && root.kind === 'absent') {",
    seenBy: { file: UNFIT, title: /^F18 hosts that are unfit.* are all named at once/ },
  },
  {
    protection: 'too little space is found in preflight',
    file: 'src/plan/preflight-root.ts',
    old: 'if (root.freeBytes < needed) {',
    instead: 'if (root.freeBytes < bytes) {',
    seenBy: { file: UNFIT, title: /^F18 hosts that are unfit.* are all named at once/ },
  },
  {
    protection: 'what a login prints before the remote end speaks is passed over',
    file: 'src/remote/greeting.ts',
    old: 'for (let at = held.indexOf(this.#mark); at !== -1;',
    instead: 'for (let at = held.indexOf(this.#mark); at === 0;',
    seenBy: { file: 'test/lab/logins.test.ts', title: /^F19 hosts whose logins differ/ },
  },
  {
    protection: 'the link is replaced by one rename, never taken away first',
    file: 'src/remote/end/link.py',
    old: '        os.replace(temporary, layout.link(stage))\n',
    instead:
      '        if os.path.lexists(layout.link(stage)):\n            os.unlink(layout.link(stage))\n            sync_directory(layout.root)\n        os.replace(temporary, layout.link(stage))\n',
    seenBy: { file: READERS, title: /^F20 readers on every host/ },
  },
  {
    protection: 'the old link is put back by one rename as well',
    file: 'src/remote/end/link_pair.py',
    old: '                self._put(self._prepared.back)\n',
    instead: '                self._take_away()\n                self._put(self._prepared.back)\n',
    seenBy: { file: READERS, title: /^F20 nor when every host is put back/ },
  },
]
