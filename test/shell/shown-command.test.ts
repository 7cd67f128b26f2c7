import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { shownCommand, shownWords } from '../../src/shell/shown-command.ts'

test.each<readonly [readonly string[], string]>([
  [['curl', '-u', 'ana:hunter2', 'x'], 'curl -u ana:[hidden] x'],
  [['curl', '--proxy-user', 'ana:hun ter2', 'x'], 'curl --proxy-user ana:[hidden] x'],
  [['mysql', '--password', 'hun ter2', 'shop'], 'mysql --password [hidden] shop'],
  [['mysql', '--password=hunter2', 'shop'], 'mysql --password=[hidden] shop'],
  [['x', '--token', '--verbose'], 'x --token --verbose'],
  [['env', 'DB_PASS=hunter2', 'x'], 'env DB_PASS=[hidden] x'],
  [['git', 'clone', 'https://ana:hunter2@host/x'], 'git clone https://[hidden]@host/x'],
  [['ssh', 'deploy:hunter2@web1'], 'ssh deploy:[hidden]@web1'],
  [['curl', '-H', 'Authorization: Bearer hunter2', 'x'], 'curl -H Authorization: [hidden] x'],
  [['sh', '-c', 'curl -u ana:hunter2 x\nmake'], 'sh -c curl -u ana:[hidden] x\nmake'],
  [['id', '-u', 'ana'], 'id -u ana'],
  [['deploy@web1:2222', '-m', 'unittest'], 'deploy@web1:2222 -m unittest'],
])('%j is shown as %s', (argv, shown) => {
  expect(shownCommand(argv)).toBe(shown)
  expect(shownWords(argv)).toHaveLength(argv.length)
})

/** Where a command is written for a shell that runs it, or for somebody who copies it, and nobody wrote a password into it. */
const forShells = ['shell/quote.ts', 'transport/openssh-arguments.ts', 'transport/host-key-refusal.ts']

test('there is one way from a command to a text that somebody reads', () => {
  const sources = fileURLToPath(new URL('../../src', import.meta.url))
  const others = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !forShells.includes(name))
    .filter(name =>
      /quoteArgv|(?:argv|command|args)\)?\.join\(' '\)/i.test(readFileSync(join(sources, name), 'utf8')),
    )
  expect(others).toEqual([])
})
