import { describe, expect, test } from 'vitest'
import { runCommand } from '../../src/apply/run-command.ts'
import type { Emit } from '../../src/model/event.ts'
import type { Answer } from '../../src/remote/messages.ts'
import { type Asking, Refuse, type ScriptedEnd, scriptedEnd } from '../support/scripted-end.ts'

const ended = (kind: Answer<'run'>['kind'], code: number | null = null): Answer<'run'> => ({
  ...{ kind, code, signal: null, reason: null, durationMs: 1 },
})
const well = ended('exited', 0)

type Behaviour = (asking: Asking, breakOff: () => void) => Answer<'run'> | Promise<Answer<'run'>>

/** The same command on hosts of these behaviours; what was said, and how it ended on each. */
async function onHosts(
  behaviours: Readonly<Record<string, Behaviour>>,
  options: { readonly parallel?: number; readonly signal?: AbortSignal } = {},
) {
  const ends = new Map<string, ScriptedEnd>()
  for (const [name, behaviour] of Object.entries(behaviours)) {
    const breakOff = () => ends.get(name)?.over({ kind: 'lost', reason: 'the cable' })
    ends.set(name, await scriptedEnd(name, { run: (_body, asking) => behaviour(asking, breakOff) }))
  }
  const said: Parameters<Emit>[0][] = []
  const hosts = [...ends].map(([name, { end }]) => ({
    name,
    end,
    cwd: '/home/deploy',
    env: { DEPLOY_HOST: name },
  }))
  const outcomes = await runCommand(
    { argv: ['uptime', '-p'], timeoutMs: 5_000, hosts },
    {
      emit: event => said.push(event),
      parallel: options.parallel ?? 10,
      signal: options.signal ?? new AbortController().signal,
      monotonicMs: () => 0,
    },
  )
  return { outcomes: Object.fromEntries(outcomes), said, ends }
}

describe('a command on all hosts', () => {
  test('is run on each with its own variables, and nothing else is asked', async () => {
    const { ends } = await onHosts({ web1: () => well, web2: () => well })
    expect([...ends.values()].map(({ asked }) => asked)).toMatchObject([
      [
        {
          do: 'run',
          with: { spec: { argv: ['uptime', '-p'], env: { DEPLOY_HOST: 'web1' }, cwd: '/home/deploy' } },
        },
      ],
      [{ do: 'run', with: { spec: { env: { DEPLOY_HOST: 'web2' }, timeoutMs: 5_000, build: null } } }],
    ])
  })

  test('that fails on one goes on on the others, and every end is told', async () => {
    const { outcomes, said } = await onHosts({
      web1: () => ended('exited', 3),
      web2: () => well,
      web3: () => ({ ...ended('signalled'), signal: 'SIGSEGV' }),
      web4: () => {
        throw new Refuse('invalid', 'no')
      },
    })
    expect(outcomes).toEqual({
      web1: { kind: 'failed', reason: 'exit 3' },
      web2: { kind: 'ok' },
      web3: { kind: 'failed', reason: 'killed by SIGSEGV' },
      web4: { kind: 'failed', reason: 'no' },
    })
    const codes = said.flatMap(event => (event.type === 'command-finished' ? [[event.host, event.code]] : []))
    expect(codes.toSorted()).toEqual([
      ['web1', 3],
      ['web2', 0],
      ['web3', undefined],
      ['web4', undefined],
    ])
  })

  test('prints as events, before its end', async () => {
    const { said } = await onHosts({
      web1: ({ print }) => {
        print('stdout', 'up 3 days')
        print('stderr', 'who asks?')
        return well
      },
    })
    expect(said).toEqual([
      { type: 'output', host: 'web1', step: 'run', stream: 'stdout', line: 'up 3 days' },
      { type: 'output', host: 'web1', step: 'run', stream: 'stderr', line: 'who asks?' },
      { type: 'command-finished', host: 'web1', outcome: { kind: 'ok' }, code: 0, durationMs: 0 },
    ])
  })

  test('is unknown where the host was lost, and goes on elsewhere', async () => {
    const { outcomes } = await onHosts({
      web1: () => well,
      web2: (_asking, breakOff) => {
        breakOff()
        return new Promise(() => undefined)
      },
    })
    expect(outcomes).toMatchObject({ web1: { kind: 'ok' }, web2: { kind: 'unknown' } })
  })

  test('is stopped everywhere, awaited, and begun nowhere any more by the signal', async () => {
    const stop = new AbortController()
    const events: string[] = []
    const untilCancelled =
      (host: string) =>
      async ({ cancelled }: Asking) => {
        setImmediate(() => stop.abort())
        if (!cancelled.aborted) await new Promise(resolve => cancelled.addEventListener('abort', resolve))
        events.push(`${host} stopped`)
        return ended('cancelled')
      }
    const { outcomes } = await onHosts(
      { web1: untilCancelled('web1'), web2: untilCancelled('web2') },
      { parallel: 1, signal: stop.signal },
    )
    expect([outcomes, events]).toEqual([
      { web1: { kind: 'cancelled' }, web2: { kind: 'cancelled' } },
      ['web1 stopped'],
    ])
  })

  test('one after the other: in the order of the hosts, the next when the one before has ended, however it did', async () => {
    const log: string[] = []
    const slow = (host: string, code: number) => async () => {
      log.push(`${host} begins`)
      await new Promise(resolve => setImmediate(resolve))
      log.push(`${host} ends`)
      return ended('exited', code)
    }
    await onHosts({ web2: slow('web2', 1), web1: slow('web1', 0) }, { parallel: 1 })
    expect(log).toEqual(['web2 begins', 'web2 ends', 'web1 begins', 'web1 ends'])
  })
})
