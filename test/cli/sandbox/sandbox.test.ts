import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/cli/sandbox/sandbox.ts'
import { programPath } from '../../support/requirements.ts'
import { runProgram } from '../../support/run-program.ts'
import { connect, run } from './connect.ts'

async function aSandbox(hosts = 2): Promise<Sandbox> {
  const sandbox = await startSandbox({ hosts, patienceMs: 200 })
  onTestFinished(() => sandbox.stop())
  return sandbox
}

/** As a person would log in, with the configuration's own files and nothing of the tester's. */
async function overSsh(sandbox: Sandbox, name: string, command: string) {
  const entry = sandbox.reach.hosts[name]
  const { identityFile = '', port, user, address } = entry ?? {}
  const options = ['-F', 'none', '-i', identityFile, '-o', `UserKnownHostsFile=${sandbox.knownHostsFile}`]
  const strict = ['-o', 'StrictHostKeyChecking=yes', '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes']
  const argv = [programPath('ssh'), ...options, ...strict, '-p', `${port}`, `${user}@${address}`, command]
  return await runProgram(['timeout', '10', ...argv])
}

test("the system's ssh logs in with the key and the known host keys of the sandbox", async () => {
  const sandbox = await aSandbox()
  expect(await overSsh(sandbox, 'web2', 'echo out; echo err >&2; exit 4')).toEqual({
    code: 4,
    stdout: 'out\n',
    stderr: 'err\n',
  })
})

test("5 MB go through the system's ssh", async () => {
  const { code, stdout } = await overSsh(await aSandbox(1), 'web1', 'head -c 5000000 /dev/zero | tr "\\0" x')
  expect([code, stdout === 'x'.repeat(5_000_000)]).toEqual([0, true])
})

test('who asks for no command is told that there is no terminal', async () => {
  const { code, stderr } = await overSsh(await aSandbox(1), 'web1', '')
  expect([code, stderr.split('\n').at(-2)]).toEqual([
    1,
    'A sandbox host has no terminal. Give ssh a command, such as: ls -la',
  ])
})

test('every host has its own key, port, root and home', async () => {
  const sandbox = await aSandbox(3)
  for (const { name, root } of sandbox.hosts) {
    expect(
      await overSsh(sandbox, name, `echo ${name} > ${root}/marker; echo ${name} > ~/marker`),
    ).toMatchObject({ code: 0 })
  }
  const markers = sandbox.hosts.flatMap(({ root, home }) => [join(root, 'marker'), join(home, 'marker')])
  const texts = await Promise.all(markers.map(file => readFile(file, 'utf8')))
  expect(texts).toEqual(['web1\n', 'web1\n', 'web2\n', 'web2\n', 'web3\n', 'web3\n'])
  const keys = (await readFile(sandbox.knownHostsFile, 'utf8')).trim().split('\n')
  expect(new Set(keys.map(line => line.split(' ')[2])).size).toBe(3)
})

test('the private key is for our eyes only, as ssh demands', async () => {
  const sandbox = await aSandbox(1)
  expect((await stat(sandbox.identityFile)).mode & 0o777).toBe(0o600)
})

test('a whole configuration is plain data', async () => {
  const config = (await aSandbox(2)).configFor('shop')
  expect(JSON.parse(JSON.stringify(config))).toEqual(config)
  expect(config.stages).toEqual({ staging: { hosts: ['web1'] }, production: { hosts: ['web1', 'web2'] } })
})

test('stopping leaves no file, sealed ones too, and no process, daemons included', async () => {
  const sandbox = await aSandbox(2)
  const [first] = sandbox.hosts
  if (first === undefined) throw new Error('no host')
  const client = await connect(first, { privateKey: await readFile(sandbox.identityFile) })
  await run(
    client,
    `mkdir -p ${first.root}/sealed && touch ${first.root}/sealed/f && chmod -R a-w ${first.root}/sealed`,
  )
  await run(client, "setsid sh -c 'echo $$ > daemon; exec sleep 1236' > /dev/null 2>&1 < /dev/null &")
  const readDaemon = () => readFile(join(first.home, 'daemon'), 'utf8').catch(() => '')
  await expect.poll(readDaemon, { timeout: 10_000 }).toMatch(/^\d+\n$/)
  const daemon = (await readDaemon()).trim()
  client.on('error', () => undefined)
  await sandbox.stop()
  expect((await runProgram(['ps', '-o', 'stat=,args=', '-p', daemon])).stdout).not.toMatch(
    /^[^Z].*sleep 1236/,
  )
  await expect(stat(sandbox.directory)).rejects.toThrow('ENOENT')
})

test('a directory with something in it is refused and left alone', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await writeFile(join(directory, 'mine'), '')
  await expect(startSandbox({ hosts: 1, directory })).rejects.toMatchObject({ code: 'usage' })
  expect(await readdir(directory)).toEqual(['mine'])
})

test('an empty directory is taken, and gone in the end', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'sandbox-'))
  onTestFinished(() => rm(parent, { recursive: true }))
  await mkdir(join(parent, 'sand'))
  const sandbox = await startSandbox({ hosts: 1, directory: join(parent, 'sand') })
  expect((await readdir(`${parent}/sand`)).sort()).toEqual(['id_ed25519', 'known_hosts', 'web1'])
  await sandbox.stop()
  expect(await readdir(parent)).toEqual([])
})

test.each([0, 1.5, 51, Number.NaN])('%d hosts are refused', async hosts => {
  await expect(startSandbox({ hosts })).rejects.toMatchObject({ code: 'usage' })
})
