import { describe, expect, test } from 'vitest'
import type { Emit } from '../../src/model/event.ts'
import { StageError } from '../../src/model/stage-error.ts'
import type { ConnectHost } from '../../src/observe/connect-host.ts'
import { observeFleet } from '../../src/observe/observe-fleet.ts'
import { defineRecipe } from '../../src/recipe/define-recipe.ts'
import { fact } from '../../src/recipe/fact.ts'
import { aHost } from '../support/builders.ts'
import { type Handlers, Refuse, scriptedEnd } from '../support/scripted-end.ts'
import { anAnswer, aReport, opened } from './reports.ts'

const space = defineRecipe({
  name: 'space',
  requires: ['df', 'sed'],
  facts: { free: fact(['df', '.'], Number, { timeout: '5s' }) },
})
const mail = defineRecipe({ name: 'mail', requires: ['sed'] })
const look = { stages: ['production'], check: ['shop-1.4.0'], recipes: [space, mail], shared: ['media'] }
const report = { ...aReport, facts: [anAnswer('space/free', { out: '7' })] }

const connectingTo =
  (handlers: Handlers): ConnectHost =>
  async host => ({ host, end: (await scriptedEnd(host.name, handlers)).end, opened })

const silent: Emit = () => undefined
const fleet = (
  names: readonly string[],
  connect: ConnectHost,
  more: { emit?: Emit; parallel?: number } = {},
) =>
  observeFleet(
    names.map(name => aHost(name)),
    look,
    { connect, parallel: 50, emit: silent, signal: new AbortController().signal, ...more },
  )

test('every host is asked once, for everything that will be decided on', async () => {
  const { end, bodiesOf } = await scriptedEnd('web1', { observe: () => report })
  await fleet(['web1'], async host => ({ host, end, opened }))
  expect(bodiesOf('observe')).toStrictEqual([
    {
      stages: ['production'],
      check: ['shop-1.4.0'],
      shared: ['media'],
      programs: ['df', 'sed'],
      facts: [{ id: 'space/free', argv: ['df', '.'], timeoutMs: 5_000 }],
    },
  ])
})

test('what hosts said is in the order of the hosts, whoever was faster', async () => {
  let release: () => void = () => undefined
  const first = new Promise<void>(resolve => {
    release = resolve
  })
  const connect: ConnectHost = async host => {
    if (host.name === 'web1') await first
    else release()
    return connectingTo({ observe: () => report })(host)
  }
  const { observations } = await fleet(['web1', 'web2'], connect)
  expect([...observations].map(([name, { kind }]) => `${name} ${kind}`)).toStrictEqual([
    'web1 read',
    'web2 read',
  ])
})

describe('a host that cannot be observed hides no other', () => {
  const outcomes = async (connect: ConnectHost) => {
    const connectOr: ConnectHost = (host, signal) =>
      host.name === 'web2' ? connectingTo({ observe: () => report })(host) : connect(host, signal)
    const { observations, connected } = await fleet(['web1', 'web2'], connectOr)
    expect(observations.get('web2')?.kind).toBe('read')
    return { web1: observations.get('web1'), connected: [...connected.keys()] }
  }

  test('because it cannot be reached; its name stands beside the reason, not in it', async () => {
    const error = new StageError('host-key-unknown', 'its key is unknown', {
      host: 'web1',
      hint: 'look at it',
    })
    expect(await outcomes(() => Promise.reject(error))).toStrictEqual({
      web1: {
        kind: 'unread',
        host: 'web1',
        code: 'host-key-unknown',
        reason: 'its key is unknown',
        hint: 'look at it',
      },
      connected: ['web2'],
    })
  })

  test('because its remote end refuses; it stays connected, so that it can be closed in order', async () => {
    const observe = () => {
      throw new Refuse('not-ours', 'the journal is of a later version')
    }
    const { web1, connected } = await outcomes(connectingTo({ observe }))
    expect(web1).toMatchObject({ kind: 'unread', code: 'refused' })
    expect(connected).toStrictEqual(['web1', 'web2'])
  })

  test('because of a bug, which is said whole', async () => {
    const { web1 } = await outcomes(() => Promise.reject(new TypeError('x is not a function')))
    expect(web1).toMatchObject({
      code: 'bug',
      reason: expect.stringMatching(/^TypeError: x is not a function\n\s+at /),
    })
  })

  test('because of what is not even an error', async () => {
    const { web1 } = await outcomes(() => Promise.reject('out of luck'))
    expect(web1).toMatchObject({ code: 'bug', reason: 'out of luck' })
  })
})

test('every connection is an event', async () => {
  const events: string[] = []
  const emit: Emit = event => events.push(event.type === 'host-connected' ? event.host : event.type)
  await fleet(['web1', 'web2'], connectingTo({ observe: () => report }), { emit })
  expect(events.toSorted()).toStrictEqual(['web1', 'web2'])
})

test('not more hosts than allowed are connected to at once', async () => {
  let now = 0
  let most = 0
  const connect: ConnectHost = async host => {
    now += 1
    most = Math.max(most, now)
    const reached = await connectingTo({ observe: () => report })(host)
    now -= 1
    return reached
  }
  await fleet(['web1', 'web2', 'web3', 'web4', 'web5'], connect, { parallel: 2 })
  expect(most).toBe(2)
})

test('an interruption stops what hosts are asked, and is said of each of them', async () => {
  const stop = new AbortController()
  const observe: Handlers['observe'] = async (_body, asking) => {
    // Later: this connection is within one process, and the request is still being sent.
    setImmediate(() => stop.abort())
    await new Promise<void>(resolve => {
      asking.cancelled.addEventListener('abort', () => resolve(), { once: true })
    })
    throw new Refuse('cancelled', 'it was called off')
  }
  const { observations } = await observeFleet([aHost('web1')], look, {
    connect: connectingTo({ observe }),
    parallel: 1,
    emit: silent,
    signal: stop.signal,
  })
  expect(observations.get('web1')).toMatchObject({ kind: 'unread', code: 'interrupted' })
})

describe('a host whose heart beats on while it does not say how it stands', () => {
  const hangs = async (more: Partial<Parameters<typeof observeFleet>[2]>) => {
    const { end } = await scriptedEnd('web1', { observe: () => new Promise(() => undefined) })
    const { observations } = await observeFleet([aHost('web1')], look, {
      connect: async host => ({ host, end, opened }),
      parallel: 1,
      emit: silent,
      signal: new AbortController().signal,
      ...more,
    })
    return { seen: observations.get('web1'), isLost: end.isLost }
  }

  test('is given up after a limit, with its connection', async () => {
    expect(await hangs({ limitMs: 20 })).toMatchObject({
      seen: {
        kind: 'unread',
        code: 'connection-lost',
        reason: 'how it stands was not answered within 0.02 s',
      },
      isLost: true,
    })
  })

  test('is given up at once when nobody waits any more', async () => {
    const second = new AbortController()
    setImmediate(() => second.abort())
    expect(await hangs({ signal: AbortSignal.abort(), abandoned: second.signal })).toMatchObject({
      seen: { kind: 'unread', code: 'interrupted' },
    })
    expect(await hangs({ abandoned: second.signal })).toMatchObject({
      seen: { kind: 'unread', code: 'interrupted', reason: 'its answer was not waited for' },
      isLost: true,
    })
  })
})
