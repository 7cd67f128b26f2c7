/** What every line of a journal says. */
const line = (what: string, keys: object) => ({
  v: 1,
  atNs: '1800000000000000000',
  run: 'run-1',
  by: 'ana',
  origin: 'laptop',
  command: 'deploy staging',
  what,
  ...keys,
})

const intent = (id: string, from: string | null, to: string | null, more: object = {}) =>
  line('intent', {
    id,
    kind: 'deploy',
    stage: 'staging',
    from,
    to,
    recovers: null,
    hosts: ['web1', 'web2'],
    except: [],
    atMs: 1_800_000_000_000,
    sha256: '0'.repeat(64),
    ...more,
  })

const ended = (what: string, id: string, keys: object = {}) => line(what, { id, stage: 'staging', ...keys })

/** A journal with every kind of line, two kept switches, one that was put back, a recovery, and one that is open. */
export const JOURNAL: readonly object[] = [
  line('build', { revision: 'shop-1.0', sha256: '0'.repeat(64) }),
  line('sealed', { revision: 'shop-1.0', sha256: '0'.repeat(64) }),
  intent('s1', null, 'shop-1.0'),
  ended('fired', 's1', { firedNs: '1800000000000000001' }),
  ended('kept', 's1'),
  line('build', { revision: 'shop-1.1', sha256: '1'.repeat(64) }),
  line('rejected', { revision: 'shop-1.1', sha256: '1'.repeat(64), reason: 'tests failed' }),
  line('discarded', { revision: 'shop-1.1' }),
  intent('s2', 'shop-1.0', 'shop-1.2'),
  ended('put-back', 's2', {
    moved: true,
    movedByOthers: false,
    undo: [{ of: 'a/1', ok: true, reason: null }],
  }),
  intent('s2', 'shop-1.0', 'shop-1.2'),
  ended('kept', 's2'),
  intent('s3', 'shop-1.2', 'shop-1.0', { kind: 'recover', recovers: 's2' }),
  ended('kept', 's3'),
  ended('recovered', 's2', { as: 'put-back' }),
  line('frozen', { stage: 'staging', reason: 'a holiday' }),
  line('unfrozen', { stage: 'staging', reason: 'it is over' }),
  line('pruned', { revision: 'shop-1.2' }),
  line('abandoned', { revision: 'shop-1.3' }),
  intent('s4', 'shop-1.0', 'shop-1.4', { stage: 'production', kind: 'promote' }),
]

export const JOURNAL_WORDS = [
  ...[
    'build',
    'sealed',
    'rejected',
    'abandoned',
    'discarded',
    'pruned',
    'intent',
    'fired',
    'kept',
    'put-back',
  ],
  ...[
    'recovered',
    's1',
    's2',
    's3',
    's4',
    'staging',
    'production',
    'shop-1.0',
    'shop-1.2',
    'rollback',
    'recover',
  ],
  ...[
    'v',
    'what',
    'id',
    'stage',
    'revision',
    'atMs',
    'firedNs',
    'undo',
    'of',
    'as',
    'recovers',
    'from',
    'to',
    'hosts',
  ],
]
