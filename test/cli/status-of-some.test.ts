import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeScratchDirectory } from '../support/scratch-directory.ts'
import { runDeploy } from './support/run-deploy.ts'

/** What the journal of a host has after a switch of both hosts that ended there like this. */
const journal = (...ends: readonly string[]): string => {
  const intent = { what: 'intent', kind: 'deploy', stage: 'production', hosts: ['one', 'two'], except: [] }
  const begun = { ...intent, id: 's1', from: null, to: 'shop-1.0', atMs: 1, by: 'ana' }
  return [begun, ...ends.map(what => ({ what, id: 's1', stage: 'production' }))]
    .map(line => `${JSON.stringify({ v: 1, ...line })}\n`)
    .join('')
}

test('the status of one host says of a switch what the status of all says', async () => {
  await using scratch = await makeScratchDirectory()
  const host = (name: string) => ({
    address: name,
    root: join(scratch.path, name),
    python: '/usr/bin/python3',
  })
  const config = {
    project: 'shop',
    ssh: { client: 'local' },
    hosts: { one: host('one'), two: host('two') },
    stages: { production: { hosts: ['one', 'two'] } },
  }
  writeFileSync(join(scratch.path, 'stage.config.json'), JSON.stringify(config))
  for (const [name, end] of [
    ['one', 'kept'],
    ['two', 'put-back'],
  ] as const) {
    mkdirSync(join(scratch.path, name, '.stage'), { recursive: true })
    writeFileSync(join(scratch.path, name, '.stage', 'journal.jsonl'), journal(end))
  }
  symlinkSync('shop-1.0', join(scratch.path, 'one', 'production'))
  const status = async (...args: readonly string[]) => {
    const { code, stdout } = await runDeploy(['status', 'production', '--json', ...args], {
      cwd: scratch.path,
    })
    const { split, hosts } = JSON.parse(stdout).stages.production
    return { code, split, hosts: Object.keys(hosts) }
  }
  const all = await status()
  expect(all).toMatchObject({ code: 6, split: { id: 's1', hosts: ['one', 'two'] } })
  for (const name of ['one', 'two'])
    expect(await status('--hosts', name)).toStrictEqual({ ...all, hosts: [name] })
})
