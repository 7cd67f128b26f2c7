import { stat } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { runSandbox } from '../../../src/cli/sandbox/run-sandbox.ts'

test('a sandbox prints what to do, runs until it is told to stop, and leaves nothing', async () => {
  const stopping = new AbortController()
  const lines: string[] = []
  const print = (line: string) => {
    lines.push(line)
    if (line.startsWith('Ctrl-C')) stopping.abort()
  }
  await runSandbox({ hosts: 2, project: 'shop', print, signal: stopping.signal })
  const directory = /(\S+)\.$/.exec(lines[0] ?? '')?.[1] ?? ''
  const neutral = lines.map(line =>
    line
      .replaceAll(directory, '/SANDBOX')
      .replace(/port: \d+/, 'port: PORT')
      .replace(/-p \d+ \S+@/, '-p PORT USER@')
      .replace(/user: '[^']+'/, "user: 'USER'"),
  )
  expect(neutral.join('\n')).toMatchInlineSnapshot(`
    "Running web1, web2 in /SANDBOX.
    A configuration for them, to save as stage.config.ts; your own needs its ssh and hosts:

    import { defineConfig } from 'stage-deploy'

    export default defineConfig({
      project: 'shop',
      ssh: { knownHostsFile: '/SANDBOX/known_hosts' },
      hosts: {
        web1: { address: '127.0.0.1', port: PORT, user: 'USER', identityFile: '/SANDBOX/id_ed25519', root: '/SANDBOX/web1/webcode' },
        web2: { address: '127.0.0.1', port: PORT, user: 'USER', identityFile: '/SANDBOX/id_ed25519', root: '/SANDBOX/web2/webcode' },
      },
      stages: {
        staging: { hosts: ['web1'] },
        production: { hosts: ['web1', 'web2'] },
      },
    })

    To look at a host from another terminal:
      ssh -i /SANDBOX/id_ed25519 -o UserKnownHostsFile=/SANDBOX/known_hosts -p PORT USER@127.0.0.1 ls -la /SANDBOX/web1/webcode

    Ctrl-C stops them and removes everything.
    Stopping.
    The hosts and their files are gone."
  `)
  await expect(stat(directory)).rejects.toThrow('ENOENT')
})

test('a sandbox that is told to stop while it starts stops at once', async () => {
  const lines: string[] = []
  await runSandbox({ hosts: 1, print: line => lines.push(line), signal: AbortSignal.abort() })
  expect(lines.at(-1)).toBe('The hosts and their files are gone.')
})
