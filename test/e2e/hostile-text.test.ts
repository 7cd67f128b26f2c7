import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import { expectTame, HOSTILE } from '../support/hostile-text.ts'
import { fleetOf } from './support/fleet-of.ts'
import { makeProject } from './support/project.ts'
import { release } from './support/releases.ts'

// What acts on terminals, on real hosts: in what programs print, in the records that they write, and in files of the
// root.

const fleet = await fleetOf(['web1', 'web2'])
const project = await makeProject(fleet)
const records = (host: string, ...path: readonly string[]) => join(project.rootOf(host), '.stage', ...path)

/** What an argument and a file can have of it: no NUL, and no half of a pair. */
const TEXT = HOSTILE.replaceAll('\0', '').replaceAll('\ud800', '')

const everyLook: readonly (readonly string[])[] = [
  ['status'],
  ['status', '--json'],
  ['check'],
  ['history', 'staging'],
  ['revisions', 'staging'],
  ['staging', '--dry-run'],
  ['rollback', 'staging', '--dry-run'],
  ['recover', 'staging', '--back', '--dry-run'],
  ['prune', 'staging', '--dry-run'],
  ['unlock', 'staging', '--dry-run'],
]

async function expectTameLooks(when: string): Promise<void> {
  for (const args of everyLook) {
    const { stdout, stderr } = await project.deploy(args)
    expectTame(`${stdout}${stderr}`, `${when}: ${args.join(' ')}`)
  }
}

/** Prints it on both streams, and writes it as its record: in Python, as a package would that is imported. */
const program = (end: number) => `
import json, os, sys
text = json.loads(${JSON.stringify(JSON.stringify(TEXT))})
print(text); print(text, file=sys.stderr, flush=True)
record = os.environ.get('DEPLOY_RECORD')
if record:
    with open(record, 'w') as file:
        json.dump({'path': '.env', 'executable': text, 'python': text, 'platform': text, 'wheels': [{'file': text, 'sha256': text}]}, file)
sys.exit(${end})
`
const step = (end: number) => exec(['python3', '-c', program(end)], { title: 'what it prints' })

test.each([
  ['a verification that fails', { verify: [step(1)] }],
  ['a verification that goes well', { verify: [step(0)] }],
  ['a build', { hooks: { build: [step(0)] } }],
  ['a switch', { hooks: { 'before:switch': [step(0)], activate: [step(0)] } }],
  ['a health check that fails', { hooks: { health: [step(1)] } }],
])('%s', async (name, config) => {
  await project.configure(config)
  const sdist = await release(project, `1.${everyName(name)}`)
  for (const flags of [[], ['-v'], ['--json']]) {
    const { stdout, stderr } = await project.deploy(['staging', sdist, '--log', 'run.log', ...flags])
    expectTame(`${stdout}${stderr}`, `${name} ${flags.join(' ')}`)
  }
  expectTame(readFileSync(join(project.directory, 'run.log'), 'utf8'), `the log of ${name}`)
  if (name.startsWith('a verification')) await expectTameLooks(name)
})

/** A number for each name. */
const names: string[] = []
function everyName(name: string): number {
  names.push(name)
  return names.length
}

test('the reason of a frozen stage, and the command that froze it', async () => {
  await project.configure({})
  await project.deploy(['staging', await release(project, '2.0')])
  const { code, stdout, stderr } = await project.deploy(['lock', 'staging', '--reason', TEXT])
  expect(code, stderr).toBe(0)
  expectTame(`${stdout}${stderr}`, 'lock')
  await expectTameLooks('frozen')
  const refused = await project.deploy(['staging', await release(project, '2.1')])
  expect(refused.code).toBe(7)
  expectTame(`${refused.stdout}${refused.stderr}`, 'a deploy to it')
  expect((await project.deploy(['unlock', 'staging'])).code).toBe(0)
})

test('lines of a journal that somebody wrote', async () => {
  const intent = {
    ...{
      v: 1,
      what: 'intent',
      kind: 'deploy',
      stage: 'staging',
      id: `id${TEXT}`,
      from: TEXT,
      to: TEXT,
      atMs: 1,
    },
    ...{ by: TEXT, hosts: ['web1', TEXT], except: [TEXT], command: TEXT },
  }
  const lines = [
    intent,
    { ...intent, what: 'kept' },
    { ...intent, id: TEXT },
    { ...intent, what: 'put-back', id: TEXT, undo: [{ of: TEXT, ok: false, reason: TEXT }] },
  ]
  appendFileSync(records('web1', 'journal.jsonl'), lines.map(line => `${JSON.stringify(line)}\n`).join(''))
  await expectTameLooks('the journal')
})

test('the record of a root that says it is of another project', async () => {
  const file = records('web1', 'root.json')
  const fields: object = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify({ ...fields, project: TEXT }))
  await expectTameLooks('the root')
  writeFileSync(file, JSON.stringify({ ...fields, id: TEXT }))
  await expectTameLooks('the id of the root')
})
