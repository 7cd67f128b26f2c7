import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeSdist } from '../support/make-sdist.ts'
import { makeScratchDirectory, type ScratchDirectory } from '../support/scratch-directory.ts'
import { runDeploy } from './support/run-deploy.ts'

// What is written as a password in a configuration that works, or on a command line: plans, output, events, logs, records.

const password = 'S3cr3tWord'
const traces = /S3cr3t/

let scratch: ScratchDirectory
const at = (...path: readonly string[]) => join(scratch.path, ...path)
const deploy = (...args: readonly string[]) =>
  runDeploy(args, { cwd: at('project'), env: { XDG_STATE_HOME: at('state'), PATH: '/usr/bin:/bin' } })

const url = `https://u:${password}@example.com/simple?x=1`
const argv = ['/usr/bin/true', '-u', `u:${password}`, '--token', password, `--password=${password}`, url]
const steps = [
  { exec: argv },
  { exec: ['/bin/sh', '-c', `true ${url}\ntrue --token ${password}`] },
  { exec: ['/usr/bin/true', 'x'.repeat(50), url], title: `fetch ${url}` },
  { exec: ['/usr/bin/true', 'x'.repeat(50), url] },
  { script: `true mysql://u:${password}@db/x; PASSWORD=${password} true`, undo: { exec: argv } },
  { local: argv },
  { exec: ['/usr/bin/true'], env: { DB_PASSWORD: `${password} x`, DATABASE_URL: url } },
]
const file = { writeFile: '/dev/shm/stage-deploy-never', text: `password = ${password}\nurl=${url}\n` }

const common = () => ({
  project: 'shop',
  hosts: { one: { address: 'one', client: 'local', root: at('one'), python: '/usr/bin/python3' } },
  stages: { production: { hosts: ['one'], env: { API_TOKEN: password }, hooks: { 'before:switch': steps } } },
  env: { MAIL_URL: `smtp://u:${password}@mail/` },
})
const write = (name: string, written: object) =>
  writeFileSync(at('project', name), JSON.stringify({ ...common(), ...written }))

beforeAll(async () => {
  scratch = await makeScratchDirectory()
  mkdirSync(at('project', 'dist'), { recursive: true })
  write('stage.config.json', { recipes: [], hooks: { activate: steps, failed: steps } })
  const probe = {
    httpProbe: 'http://127.0.0.1:9/',
    headers: { Authorization: `Bearer ${password}`, 'X-Key': password },
    answerHeaders: { 'set-cookie': `token=${password}` },
    contains: `token=${password}`,
  }
  const boot = { bootProbe: [...argv, '{port}'], headers: { Authorization: `Basic ${password}` } }
  write('planned.json', { recipes: [], verify: steps, hooks: { health: [probe, boot, file] } })
  write('failing.json', {
    recipes: [],
    hooks: { activate: [{ exec: ['/usr/bin/false', ...argv], undo: false }] },
  })
  write('version.json', { recipes: [], version: { command: ['/usr/bin/false', ...argv] } })
  write('building.json', { recipes: [], artifact: { build: ['/usr/bin/false', ...argv] } })
  write('webhook.json', {
    recipes: [{ notify: { url: `https://hooks.invalid/T/${password}?k=${password}` } }],
  })
  await writeSdist(at('project', 'dist'), { name: 'shop', version: '1.0' })
})
afterAll(async () => scratch[Symbol.asyncDispose]())

/** Every file below a directory, as one text. */
function textsIn(directory: string): string {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map(name => join(directory, name))
    .filter(path => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .map(path => readFileSync(path, 'latin1'))
    .join('\n')
}

async function expectNothing(exit: number, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await deploy(...args)
  const said = `${stdout}${stderr}`
  expect(said).not.toMatch(traces)
  expect({ code, said }).toEqual({ code: exit, said })
  return said
}

describe('a configuration that works', { timeout: 120_000 }, () => {
  test('is planned', async () => {
    for (const name of ['stage.config.json', 'planned.json', 'webhook.json'])
      for (const more of [[], ['--json']]) {
        const said = await expectNothing(0, 'production', '--dry-run', '--config', name, ...more)
        if (name !== 'webhook.json') expect(said).toContain('[hidden]')
      }
  })

  test('is deployed, checked and listed: nothing of it is in output, events, logs or records', async () => {
    await expectNothing(0, 'production', '--verbose', '--log', at('first.log'))
    await writeSdist(at('project', 'dist'), { name: 'shop', version: '1.1' })
    await expectNothing(0, 'production', '--json', '--config', at('project', 'stage.config.json'))
    await writeSdist(at('project', 'dist'), { name: 'shop', version: '1.2' })
    await expectNothing(5, 'production', '--config', 'failing.json', '--json')
    await expectNothing(5, 'production', '--config', 'failing.json')
    for (const command of ['status', 'check', 'revisions', 'history'])
      for (const more of [[], ['--json']])
        await deploy(command, 'production', ...more).then(({ stdout, stderr }) =>
          expect(`${command} ${stdout}${stderr}`).not.toMatch(traces),
        )
    await expectNothing(8, 'run', 'production', '--', '/usr/bin/false', ...argv)
    const kept = `${readFileSync(at('first.log'), 'utf8')}${textsIn(at('state'))}${textsIn(at('one'))}`
    expect(kept).toMatch(/"kind"|switch/)
    expect(kept).not.toMatch(traces)
  })

  test('and fails', async () => {
    await expectNothing(2, 'production', '--config', 'version.json')
    const said = await expectNothing(2, 'production', '--build', '--config', 'building.json')
    expect(said).toContain('[hidden]')
  })
})

describe('a command line', { timeout: 60_000 }, () => {
  test.each([
    ['production', '--hosts', `deploy:${password}@one`],
    ['production', `--except=deploy:${password}@one`],
    ['status', 'production', '--hosts', `ssh://deploy:${password}@one:22`],
    [`ssh://deploy:${password}@one`],
    ['production', `https://u:${password}@host/shop-1.0.tar.gz`],
    ['production', '--password', password],
    ['production', `--password=${password}`],
    ['production', '1.0', `deploy:${password}@one`],
    ['rollback', 'production', '--to', `u:${password}@one`],
    ['production', '--wait-lock', `u:${password}@one`],
    ['production', '--config', `https://u:${password}@host/stage.config.json`],
    ['promote', `u:${password}@one`, `v:${password}@two`],
    ['version', 'show', `u:${password}@one`],
    ['help', `u:${password}@one`],
    ['run', 'production', '--script', `u:${password}@one`],
    ['authorize', 'production', '--key', `u:${password}@one`],
    ['init', '--recipe', `u:${password}@one`],
    ['sandbox', '--count', `u:${password}@one`],
  ])('deploy %s %s %s %s', async (...args) => {
    const { code, stdout, stderr } = await deploy(...args)
    expect(code).not.toBe(0)
    expect(stderr + stdout).toMatch(/error: |✖ /)
    expect(`${stdout}${stderr}`).not.toMatch(traces)
  })
})
