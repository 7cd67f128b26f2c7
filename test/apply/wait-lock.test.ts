import { describe, expect, test } from 'vitest'
import { aRun } from './support/a-run.ts'

/** Production of web2 is held by an older run. */
function heldOnWeb2() {
  const run = aRun({ stands: true })
  run.host('web2').others.set('production', 'r1')
  return run
}

const waiting = /production is locked by bob from desk .* waiting up to \d+ s for it/
const notices = (run: ReturnType<typeof aRun>) =>
  run.said.flatMap(event => (event.type === 'notice' && waiting.test(event.message) ? [event.host] : []))

describe('a run that may wait for a lock', () => {
  test('goes on when the other run has ended; whom it waits for is said once', async () => {
    const run = heldOnWeb2()
    run.when(
      event => event.type === 'notice',
      () => setTimeout(() => run.host('web2').others.delete('production'), 30),
    )
    const { exit } = await run.go({ waitLockMs: 5_000 })
    expect([exit, notices(run)]).toStrictEqual([0, ['web2']])
  })

  test('is told who holds it when its time is up', async () => {
    const run = heldOnWeb2()
    const { exit } = await run.go({ waitLockMs: 30 })
    expect(exit).toBe(7)
    expect(run.said.flatMap(event => (event.type === 'problem' ? [event.problem.code] : []))).toStrictEqual([
      'locked',
    ])
  })

  test('holds nothing meanwhile', async () => {
    const run = heldOnWeb2()
    const held: (readonly string[])[] = []
    // Half way to the next attempt.
    const look = () => held.push(...run.hosts.map(host => host.locksHeld))
    run.when(
      event => event.type === 'notice',
      () => setTimeout(look, 100),
    )
    await run.go({ waitLockMs: 150, limits: { waitAgainMs: 200 } })
    expect(held).toStrictEqual([[], [], []])
  })

  test('ends with 130 when it is interrupted', async () => {
    const run = heldOnWeb2()
    run.when(event => event.type === 'notice', run.signal)
    const { exit } = await run.go({ waitLockMs: 60_000 })
    expect(exit).toBe(130)
  })

  test('does not wait when a host fails', async () => {
    const run = heldOnWeb2()
    run.host('web1').faults.lock = (_body, _usual, connection) => {
      connection.scripted.over({ kind: 'lost', reason: 'the cable was cut' })
      return new Promise(() => undefined)
    }
    const { exit } = await run.go({ waitLockMs: 60_000 })
    expect(exit).toBe(4)
  })
})

test('a stage that was frozen since the plan was made is not changed, exit 7', async () => {
  const run = aRun({ stands: true })
  run.host('web3').frozen = {
    run: 'r1',
    by: 'ben',
    from: 'desk',
    command: 'deploy lock production',
    reason: 'the sale',
    sinceMs: 1_000,
  }
  const { exit } = await run.go()
  expect(exit).toBe(7)
  expect(run.said.flatMap(event => (event.type === 'problem' ? [event.problem] : []))).toStrictEqual([
    {
      code: 'frozen',
      where: 'web3',
      message: 'production is frozen by ben from desk since 1970-01-01T00:00:01.000Z: the sale',
      hint: '`deploy unlock production` ends that',
      severity: 'error',
    },
  ])
  expect(run.hosts.map(host => host.done)).toStrictEqual([[], [], []])
})
