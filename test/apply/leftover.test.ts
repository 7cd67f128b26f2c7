import { expect, test } from 'vitest'
import { aRun } from './support/a-run.ts'

test('what an earlier run left half made is removed before the sdist is sent again', async () => {
  const run = aRun()
  run.host('web2').unfinished = ['shop-1.4.0']
  const { exit } = await run.go()
  expect(exit).toBe(0)
  const begun = run.hosts.map(host => host.done.slice(0, host.done.indexOf('receive shop-1.4.0')))
  expect(begun).toStrictEqual([[], ['abandon shop-1.4.0'], []])
})
