import type { Mutant } from './mutant.ts'

const SDISTS = 'test/lab/hostile-sdists.test.ts'
const OUTPUT = 'test/lab/output.test.ts'
const BLIND = 'test/lab/blind-runner.test.ts'
const OTHER_BYTES = 'test/lab/other-bytes.test.ts'
const VALUES = 'test/lab/hostile-values.test.ts'

/** F21-F27: programs, sdists and values that are not as they should be. */
export const whatIsGiven: readonly Mutant[] = [
  {
    protection: 'a step has a time limit',
    file: 'src/remote/end/programs.py',
    old: "program.limit(spec['timeoutMs'] / 1000, f'not",
    instead: "program.limit(spec['timeoutMs'], f'not",
    seenBy: { file: OUTPUT, title: /^F21 a hook of build that hangs/ },
  },
  {
    protection: 'what does not end when it is told to is killed',
    file: 'src/remote/end/group.py',
    old: 'if waited >= self._grace_s and not self._killed:',
    instead: 'if waited >= 60 and not self._killed:',
    seenBy: { file: OUTPUT, title: /^F21 a hook of build that hangs/ },
  },
  {
    protection: 'a line without an end is not held until it ends',
    file: 'src/remote/end/lines.py',
    old: 'while len(self._held) > LINE_LIMIT + self._redactor.longest:',
    instead: 'while len(self._held) > 1 << 30:',
    seenBy: { file: OUTPUT, title: /^F21 a hook that prints .* without a newline/ },
  },
  {
    protection: 'what a host gives to be promoted is hashed, whatever the host says of it',
    file: 'src/observe/fetch-sdist.ts',
    old: 'return found === sha256',
    instead: "return found !== ''",
    seenBy: { file: OTHER_BYTES, title: /^F27 .* other code under the same name: it is named/ },
  },
  {
    protection: 'looking at a host writes nothing there',
    file: 'src/remote/end/observe.py',
    old: '    histories = history.stages\n',
    instead: '    histories = history.stages\n    os.makedirs(layout.records, exist_ok=True)\n',
    seenBy: { file: 'test/lab/dry-run.test.ts', title: /^F22 a dry run of a first deploy writes/ },
  },
  {
    protection: 'the same name and version with other bytes is refused',
    file: 'src/plan/preflight-revision.ts',
    old: "if (known.sha256 !== wanted.sha256 && known.sha256 !== '') {",
    instead: "if (known.sha256 !== wanted.sha256 && known.sha256 === 'none') {",
    seenBy: { file: 'test/lab/refused.test.ts', title: /^F23 the same name and version with other bytes/ },
  },
  {
    protection: 'the runner refuses an sdist with a path that leaves it',
    file: 'src/artifact/tree-faults.ts',
    old: "if (names.includes('..')) return {",
    instead: "if (names.includes('...')) return {",
    seenBy: { file: SDISTS, title: /^F24 an sdist with a path that leaves it/ },
  },
  {
    protection: 'the runner refuses an sdist with a device',
    file: 'src/artifact/tree-faults.ts',
    old: "    case 'character device':\n    case 'block device':\n    case 'pipe':\n      return {",
    instead:
      "    case 'character device':\n      return undefined\n    case 'block device':\n    case 'pipe':\n      return {",
    seenBy: { file: SDISTS, title: /^F24 an sdist with a device/ },
  },
  {
    protection: 'a host refuses an sdist with a path that leaves it',
    file: 'src/remote/end/member.py',
    old: "    if b'..' in parts:\n",
    instead: "    if b'...' in parts:\n",
    seenBy: { file: BLIND, title: /^F24 an sdist with a path that leaves it is refused by the host itself/ },
  },
  {
    protection: 'a host refuses an sdist with a link out of it',
    file: 'src/remote/end/member.py',
    old: '        if not _stays(parts, links):\n',
    instead: '        if parts == () and not _stays(parts, links):\n',
    seenBy: {
      file: BLIND,
      title: /^F24 an sdist with a symbolic link out of it is refused by the host itself/,
    },
  },
  {
    protection: 'a value stands in double quotes in the script that it is given to',
    file: 'src/recipe/sh.ts',
    old: 'return number < 10 ? `"$${number}"` :',
    instead: 'return number < 10 ? `$${number}` :',
    seenBy: {
      file: VALUES,
      title: /^F25 a hostile value arrives unchanged .* as an argument, a value of a script/,
    },
  },
  {
    protection: 'a user that a program could take for an option is refused',
    file: 'src/config/destination.ts',
    old: 'return user === undefined || account.test(user)',
    instead: "return user === undefined || account.test(user) || user !== ''",
    seenBy: { file: VALUES, title: /^F25 a hostile value is refused .* as a user/ },
  },
  {
    protection: 'a host takes secrets out of what its programs print',
    file: 'src/remote/end/programs.py',
    old: "redactor = Redactor({name: spec['env'][name] for name in spec['secret']})",
    instead: 'redactor = Redactor({})',
    seenBy: {
      file: 'test/lab/secrets.test.ts',
      title: /^F26 a secret, with the client node-ssh, reaches its steps/,
    },
  },
  {
    protection: 'a witness of what was live is contradicted by what others say of it',
    file: 'src/plan/was-live.ts',
    old: 'problems: disagreement(earlier, wanted.name, read, isIt) }',
    instead: 'problems: disagreement(earlier, wanted.name, [], isIt) }',
    seenBy: {
      file: 'test/lab/lying-journal.test.ts',
      title: /^F27 a host whose journal lies lets no other bytes through/,
    },
  },
  {
    protection: 'a revision is known in another spelling too',
    file: 'src/plan/spelling.ts',
    old: 'revisions.filter(revision => sameRevision(revision.name, name))',
    instead: 'revisions.filter(revision => revision.name === name && sameRevision(revision.name, name))',
    seenBy: {
      file: 'test/lab/lying-journal.test.ts',
      title: /^F27 a revision in two spellings that was rejected/,
    },
  },
]
