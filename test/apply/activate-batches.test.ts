import { describe, expect, test } from 'vitest'
import { aRun } from './support/a-run.ts'
import { exited } from './support/simulated-host.ts'

const batches = { hosts: [['web1'], ['web2', 'web3']], pauseMs: 1 }
const activated = (story: string) => story.split('\n').filter(line => /switched|activate|put back/.test(line))

describe('a phase activate in batches', () => {
  test('switches all links at once, and begins with a batch when the one before it has ended', async () => {
    const run = aRun({ stands: true, batches, steps: [['activate', 'reload']] })
    const { exit } = await run.go()
    expect(exit).toBe(0)
    expect(activated(run.story())).toMatchInlineSnapshot(`
      [
        "web1 switched: shop-1.3.0 -> shop-1.4.0",
        "web2 switched: shop-1.3.0 -> shop-1.4.0",
        "web3 switched: shop-1.3.0 -> shop-1.4.0",
        "[activate]",
        "web1 activate/1 (reload): ok",
        "web2 activate/1 (reload): ok",
        "web3 activate/1 (reload): ok",
        "[/activate]",
      ]
    `)
    const order = run.said.flatMap(event =>
      event.type === 'step-started' && event.step === 'activate/1' ? [event.host] : [],
    )
    expect(order).toStrictEqual(['web1', 'web2', 'web3'])
  })

  test('begins with no further one after a failure, and puts every host back', async () => {
    const run = aRun({ stands: true, batches, steps: [['activate', 'reload']] })
    run.host('web1').steps.set('activate/1', () => exited(1))
    const { exit } = await run.go()
    expect(exit).toBe(5)
    expect(activated(run.story())).toMatchInlineSnapshot(`
      [
        "web1 switched: shop-1.3.0 -> shop-1.4.0",
        "web2 switched: shop-1.3.0 -> shop-1.4.0",
        "web3 switched: shop-1.3.0 -> shop-1.4.0",
        "[activate]",
        "web1 activate/1 (reload): exit 1",
        "[/activate]",
        "web1 undo activate/1 (undo of activate: reload back): ok",
        "web1 put back to shop-1.3.0: ok",
        "web2 put back to shop-1.3.0: ok",
        "web3 put back to shop-1.3.0: ok",
      ]
    `)
    expect(['web1', 'web2', 'web3'].map(name => run.host(name).link)).toStrictEqual(
      Array.from({ length: 3 }, () => 'shop-1.3.0'),
    )
  })

  test('in the pause between two of them a signal ends the run, and every host is put back', async () => {
    const run = aRun({
      stands: true,
      batches: { ...batches, pauseMs: 3_600_000 },
      steps: [['activate', 'reload']],
    })
    run.when(
      event => event.type === 'step-finished' && event.step === 'activate/1',
      () => setImmediate(() => run.signal()),
    )
    const { exit } = await run.go()
    expect(exit).toBe(5)
    expect(activated(run.story())).toMatchInlineSnapshot(`
      [
        "web1 switched: shop-1.3.0 -> shop-1.4.0",
        "web2 switched: shop-1.3.0 -> shop-1.4.0",
        "web3 switched: shop-1.3.0 -> shop-1.4.0",
        "[activate]",
        "web1 activate/1 (reload): ok",
        "[/activate]",
        "web1 undo activate/1 (undo of activate: reload back): ok",
        "web1 put back to shop-1.3.0: ok",
        "web2 put back to shop-1.3.0: ok",
        "web3 put back to shop-1.3.0: ok",
      ]
    `)
  })
})
