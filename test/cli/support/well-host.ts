import type { Answer, RequestName } from '../../../src/remote/messages.ts'
import { noon } from '../../support/builders.ts'

export type Answers = { readonly [N in RequestName]?: Answer<N> }

type StageReport = Answer<'observe'>['stages'][string]
type LinkReport = StageReport['link']
type SwitchRecord = StageReport['switches'][number]
type RevisionReport = Answer<'observe'>['revisions'][number]

export const ended: Answer<'run'> = { kind: 'exited', code: 0, signal: null, reason: null, durationMs: 1 }

const linkTo = (name: string): LinkReport => ({ kind: 'link', text: name, revision: name, dangling: false })

const switched = (id: string, from: string | null, to: string): SwitchRecord => ({
  ...{ id, from, to, kind: 'deploy', stage: 'production', recovers: null, hosts: ['web'], except: [] },
  ...{ exception: null, atMs: noon, by: 'ana', firedNs: '1', state: 'kept', putBackFailed: null, undo: [] },
})

const revision = (version: string): RevisionReport => ({
  ...{ name: `shop-${version}`, project: 'shop', version, verdict: 'verified', stands: true, why: null },
  ...{ sha256: version.padEnd(64, '0').replaceAll('.', 'a'), python: '3.11.2', shared: [], atMs: noon },
})

const stage = (live: string, before: string): StageReport => ({
  link: linkTo(live),
  stack: [live, before],
  wasLive: [live, before].map(name => ({ revision: name, sha256: null, takenBack: false })),
  switches: [switched(`s-${live}`, before, live), switched(`s-${before}`, null, before)],
  ...{ undone: [], lock: null, frozen: null },
})

/** What a host answers on which all is well, also to a deploy of shop-1.4.0. */
export const wellAnswers: Answers = {
  open: {
    ...{ user: 'deploy', uid: 1000, hostname: 'web', python: '3.11.2', executable: '/usr/bin/python3' },
    ...{ pid: 4711, bootId: null, home: '/home/deploy' },
  },
  observe: {
    root: {
      ...{
        kind: 'directory',
        writable: true,
        why: null,
        owner: 'deploy',
        id: 'the-root',
        project: 'shop',
        boundBy: null,
      },
      ...{ freeBytes: 2 ** 40, freeInodes: 2 ** 20 },
    },
    stages: { production: stage('shop-1.3.0', 'shop-1.2.0'), staging: stage('shop-1.5.0', 'shop-1.3.0') },
    revisions: ['1.5.0', '1.3.0', '1.2.0'].map(revision),
    checked: ['shop-1.5.0', 'shop-1.3.0', 'shop-1.2.0'],
    ...{ unfinished: [], shared: {}, foreign: [], programs: {}, facts: [], timeNs: '1' },
  },
  inspect: {
    ...{ group: 'deploy', groups: ['deploy'], paths: [], sealed: null, why: null, leftovers: [] },
    ...{ leftoversTotal: 0, busy: false, facts: [] },
  },
  clock: { timeNs: `${BigInt(noon) * 1_000_000n}` },
  settle: { id: 'the-root', project: 'shop' },
  lock: { granted: true, holder: null },
  unpack: { sourceDigest: 'd'.repeat(64), files: 1, bytes: 1 },
  run: ended,
  seal: { treeDigest: 'd'.repeat(64) },
  abandon: { removed: true },
  fire: { link: linkTo('shop-1.4.0'), firedNs: '1' },
  'put-back': { link: linkTo('shop-1.3.0'), movedByOthers: false, started: [] },
  keep: { link: linkTo('shop-1.4.0'), unrecorded: null },
  'read-back': { links: { production: linkTo('shop-1.4.0') }, unrecorded: null },
  prune: {
    removed: ['shop-1.1.0'],
    kept: [{ name: 'shop-1.0.0', why: 'a process runs in it' }],
    swept: {
      removed: 2,
      left: 1,
      kept: [{ name: '/srv/shop/.stage/incoming/x', why: 'it cannot be removed' }],
    },
  },
  unfreeze: { was: true },
  'add-key': { was: false, file: '.ssh/authorized_keys' },
  beat: { atUs: 1 },
}
