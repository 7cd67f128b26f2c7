import type { Answer } from '../../src/remote/messages.ts'

type Report = Answer<'observe'>
type FactAnswer = Report['facts'][number]

export const opened: Answer<'open'> = {
  user: 'deploy',
  uid: 1000,
  hostname: 'web1.example.com',
  python: '3.11.2',
  executable: '/usr/bin/python3',
  pid: 4711,
  bootId: null,
  home: '/home/deploy',
}

/** A host on which production was deployed once, and a second deploy was put back. */
export const aReport: Report = {
  root: {
    kind: 'directory',
    writable: true,
    why: null,
    owner: 'deploy',
    id: 'f00d',
    project: 'shop',
    boundBy: null,
    freeBytes: 5_000_000_000,
    freeInodes: 100_000,
  },
  stages: {
    production: {
      link: { kind: 'link', text: 'shop-1.3.0', revision: 'shop-1.3.0', dangling: false },
      stack: ['shop-1.3.0'],
      wasLive: [{ revision: 'shop-1.3.0', sha256: null, takenBack: false }],
      switches: [
        {
          id: 's2',
          kind: 'deploy',
          stage: 'production',
          from: 'shop-1.3.0',
          to: 'shop-1.4.0',
          recovers: null,
          hosts: ['web1'],
          except: [],
          exception: null,
          atMs: 2,
          by: 'ana',
          firedNs: '17',
          state: 'put-back',
          putBackFailed: null,
          undo: [{ of: 'activate/1', ok: true, reason: null }],
        },
      ],
      frozen: null,
      undone: [],
      lock: null,
    },
  },
  revisions: [
    {
      name: 'shop-1.3.0',
      project: 'shop',
      version: '1.3.0',
      sha256: 'ab12'.repeat(16),
      verdict: 'verified',
      stands: true,
      why: null,
      python: null,
      shared: [],
      atMs: 1,
    },
  ],
  unfinished: [],
  shared: {},
  checked: [],
  foreign: ['backup'],
  programs: { psql: null, sed: '/bin/sed' },
  facts: [],
  timeNs: '1',
}

/** How a fact's program ended and what it printed; by default well, and nothing. */
export const anAnswer = (
  id: string,
  answer: Partial<FactAnswer['ended'] & Pick<FactAnswer, 'out' | 'err'>>,
): FactAnswer => {
  const { out = '', err = '', ...ended } = answer
  const kind = ended.kind ?? 'exited'
  return {
    id,
    out,
    err,
    ended: { kind, code: kind === 'exited' ? 0 : null, signal: null, reason: null, durationMs: 3, ...ended },
  }
}
