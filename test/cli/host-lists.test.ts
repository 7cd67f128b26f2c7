import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { hostList, readHostLists } from '../../src/cli/host-lists.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { makeScratchDirectory } from '../support/scratch-directory.ts'

const scratch = await makeScratchDirectory()
afterAll(async () => scratch[Symbol.asyncDispose]())
writeFileSync(join(scratch.path, 'backend.txt'), '# the backend\nweb1\n\nweb2 # the old one\n')
writeFileSync(join(scratch.path, 'frontend.txt'), 'web2\r\nweb3\r\n')
writeFileSync(join(scratch.path, 'nobody.txt'), '# nobody\n')

/** What `--hosts` and `--except` come to when a command is called. */
async function names(...argv: readonly string[]) {
  let called: Readonly<Record<string, unknown>> = {}
  const program = buildProgram(() => undefined)
  program.hook('preAction', async (_program, command) => {
    await readHostLists(command, { cwd: scratch.path, signal: new AbortController().signal })
    called = command.opts()
  })
  await program.parseAsync([...argv], { from: 'user' })
  return [called['hosts'], called['except']]
}

describe('lists of hosts', () => {
  test('are joined with names and with each other, each host once, in the order in which it comes first', async () => {
    expect(
      await names('status', 'staging', '--hosts', 'web3,@backend.txt', '--hosts', '@frontend.txt'),
    ).toEqual([['web3', 'web1', 'web2'], undefined])
  })

  test.each(['production', 'run', 'prune', 'history'])(
    'are for every command that takes hosts: %s',
    async name => {
      const stage = name === 'production' ? [] : ['production']
      expect(
        await names(name, ...stage, '--hosts', '@backend.txt', '--except', `@${scratch.path}/frontend.txt`),
      ).toEqual([
        ['web1', 'web2'],
        ['web2', 'web3'],
      ])
    },
  )

  test('that name nobody leave nobody, not everybody', async () => {
    expect(await names('status', 'staging', '--hosts', '@nobody.txt')).toEqual([[], undefined])
  })

  test('that are not there are an error that says how they are written', async () => {
    await expect(names('status', 'staging', '--hosts', '@nowhere.txt')).rejects.toMatchObject({
      code: 'usage',
      reason: expect.stringMatching(/^the list of hosts that --hosts names cannot be read: ENOENT/),
      hint: '--hosts @FILE: one name on each line; what follows a # is a comment',
    })
  })
})

test('a line with two words is no name', () => {
  expect(() => hostList('web1\nweb2 web3\n', 'list')).toThrow(
    expect.objectContaining({ code: 'usage', message: 'list, line 2: "web2 web3" is not one name' }),
  )
})

test('a byte order mark is no part of a name', () => {
  expect(hostList('\ufeffweb1', 'list')).toEqual(['web1'])
})
