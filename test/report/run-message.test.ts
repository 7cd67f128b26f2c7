import { describe, expect, test } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import type { Intent } from '../../src/model/names.ts'
import { type ExitCode, failed, unknown } from '../../src/model/outcome.ts'
import { runEnds } from '../../src/model/webhook.ts'
import { webhook } from '../../src/recipe/webhook.ts'
import { type About, messagesOf } from '../../src/report/run-message.ts'
import { createRunRecorder } from '../../src/report/run-recorder.ts'
import { at, liveOn, lostOn } from './builders.ts'

const hosts = ['web1', 'web2']

const aboutDeploy: About = {
  intent: 'deploy',
  project: 'shop',
  stage: 'production',
  revision: { name: 'shop-1.4.0', version: '1.4.0', sha256: '' },
  run: { id: 'r1', by: 'ana', from: 'laptop' },
  hosts: hosts.map(host => ({ host, live: 'shop-1.3.0', wanted: 'shop-1.4.0' })),
}

/** What is said of a run with these events. */
function said(
  events: readonly Event[],
  {
    about = {},
    message,
    secrets = new Map<string, string>(),
  }: {
    readonly about?: Partial<About>
    readonly message?: string
    readonly secrets?: ReadonlyMap<string, string>
  } = {},
): string | undefined {
  const recorder = createRunRecorder()
  for (const event of events) recorder.handle(event)
  const record = recorder.record()
  if (record.finished === undefined) throw new Error('the run has no end')
  const hook = { ...webhook('http://x/', message === undefined ? {} : { message }), origin: 'notify' }
  return messagesOf({ ...aboutDeploy, ...about }, { ...record, finished: record.finished }, secrets)(hook)
}

const everywhere = (live: string) => Object.fromEntries(hosts.map(host => [host, liveOn(live)]))
const begun = at(0).runStarted(hosts)

test('by default it says who did what from where to where, and what came of it', () => {
  const switched = hosts.map(host => at(30_000).switched(host))
  expect(said([begun, ...switched, at(41_200).runFinished(0, everywhere('shop-1.4.0'))])).toBe(
    'deploy production by ana@laptop: shop-1.3.0 → shop-1.4.0 on web1, web2. Switched production to shop-1.4.0 on 2 hosts in 41 s. (exit 0)',
  )
})

test('a run that was put back says where it failed', () => {
  const events = [
    begun,
    at(1_000).phaseStarted('health', hosts),
    at(2_000).stepFinished('web2', failed('exit 1'), 2_000, 'probe'),
    at(3_000).runFinished(5, { ...everywhere('shop-1.3.0'), web2: liveOn('shop-1.3.0', failed('exit 1')) }),
  ]
  expect(said(events, { message: '{{ outcome }} {{ live }} is live. {{exit}}' })).toBe(
    'Failed in health on web2. All hosts were put back. shop-1.3.0 is live. 5',
  )
})

test('hosts that differ, and what is not known, are said as they are', () => {
  const about = {
    hosts: [
      { host: 'web1', live: undefined, wanted: 'shop-1.4.0' },
      { host: 'web2', live: 'shop-1.3.0', wanted: 'shop-1.4.0' },
    ],
  }
  const end = at(3_000).runFinished(6, {
    web1: liveOn('shop-1.4.0'),
    web2: lostOn('shop-1.3.0', unknown('the connection was lost')),
  })
  expect(said([begun, end], { about, message: '{{ from }} → {{ to }}, now {{ live }}' })).toBe(
    'none or shop-1.3.0 → shop-1.4.0, now shop-1.4.0 or unknown',
  )
})

test('nothing that comes from outside is a command or a link to Slack, and no secret is in it', () => {
  const about = { run: { id: 'r1', by: '<!channel>', from: 'not-to-be-seen' } }
  const message = '<!here> {{ by }}'
  const secrets = new Map([['HOST', 'not-to-be-seen']])
  expect(said([begun, at(1).runFinished(0, everywhere('shop-1.4.0'))], { about, message, secrets })).toBe(
    '<!here> &lt;!channel&gt;@[HOST]',
  )
})

describe('which end of a run is told', () => {
  const toldOn = (intent: Intent, exit: ExitCode) => {
    const events = [begun, at(1).runFinished(exit, everywhere('shop-1.4.0'))]
    const recorder = createRunRecorder()
    for (const event of events) recorder.handle(event)
    const finished = recorder.record().finished
    if (finished === undefined) throw new Error('the run has no end')
    const say = messagesOf({ ...aboutDeploy, intent }, { ...recorder.record(), finished }, new Map())
    return runEnds.filter(end => say({ ...webhook('http://x/', { on: [end] }) }) !== undefined)
  }

  test.each([
    ['deploy', 0, ['success']],
    ['promote', 0, ['success']],
    ['recover', 0, ['success']],
    ['rollback', 0, ['rollback']],
    ['prepare', 0, []],
    ['prepare', 4, ['failure']],
    ['deploy', 1, ['failure']],
    ['deploy', 4, ['failure']],
    ['deploy', 5, ['failure']],
    ['rollback', 5, ['failure']],
    ['deploy', 6, ['failure']],
    ['deploy', 130, ['failure']],
    ['deploy', 3, []],
    ['deploy', 7, []],
  ] as const)('%s that ends with %i: %j', (intent, exit, ends) => {
    expect(toldOn(intent, exit)).toEqual(ends)
  })
})
