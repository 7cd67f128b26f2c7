import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import type { Deployment } from './support/deploy.ts'
import { eventsOf, problemsOf } from './support/events.ts'
import { fleetOf } from './support/fleet-of.ts'
import { makeProject, type ProjectConfig } from './support/project.ts'
import { release } from './support/releases.ts'

const fleet = await fleetOf(['web1', 'web2'])

/** What a team's chat is: takes JSON, and answers as it is told. */
const posted: unknown[] = []
let answers = true
const chat = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8').on('data', (text: string) => {
    body += text
  })
  request.on('end', () => {
    posted.push(JSON.parse(body))
    if (answers) response.end('ok')
  })
})
await new Promise<void>(listening => chat.listen(0, '127.0.0.1', listening))
afterAll(() => {
  chat.closeAllConnections()
  chat.close()
})
const address = chat.address()
const CHAT_URL = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/services/not-to-be-seen`
const env = { CHAT_URL }

/** Where somebody listened a moment ago. */
async function closedUrl(): Promise<string> {
  const closed = createServer()
  await new Promise<void>(listening => closed.listen(0, '127.0.0.1', listening))
  const place = closed.address()
  await new Promise(gone => closed.close(gone))
  return `http://127.0.0.1:${typeof place === 'object' ? place?.port : ''}/not-to-be-seen`
}

beforeEach(() => {
  posted.length = 0
  answers = true
})

const message =
  '{{ intent }} {{ stage }}: {{ from }} → {{ to }} on {{ hosts }}, {{ live }} is live, exit {{ exit }}'
const recipes = [{ notify: { url: { secret: 'CHAT_URL' }, message, timeout: '1s' } }]
const configured = (changes: ProjectConfig = {}) => makeProject(fleet, { recipes, ...changes })

/** Everything that a run has left behind on this machine. */
async function said({ directory }: { readonly directory: string }, run: Deployment): Promise<string> {
  return `${run.stdout}${run.stderr}${await readFile(join(directory, 'run.log'), 'utf8')}`
}

test('a deploy, one that is put back and a rollback are told, each once, and the URL is shown nowhere', async () => {
  const made = await configured()
  const log = ['--json', '--log', join(made.directory, 'run.log')]
  const runs = [await made.deploy(['production', await release(made, '1.0'), ...log], { env })]
  runs.push(await made.deploy(['production', await release(made, '2.0'), ...log], { env }))
  await made.configure({ recipes, hooks: { health: [exec(['false'])] } })
  runs.push(await made.deploy(['production', await release(made, '3.0'), ...log], { env }))
  await made.configure({ recipes })
  runs.push(await made.deploy(['rollback', 'production', '-y', ...log], { env }))
  expect(runs.map(({ code }) => code)).toEqual([0, 0, 5, 0])
  expect(posted).toEqual([
    { text: 'deploy production: none → shop-1.0 on web1, web2, shop-1.0 is live, exit 0' },
    { text: 'deploy production: shop-1.0 → shop-2.0 on web1, web2, shop-2.0 is live, exit 0' },
    { text: 'deploy production: shop-2.0 → shop-3.0 on web1, web2, shop-2.0 is live, exit 5' },
    { text: 'rollback production: shop-2.0 → shop-1.0 on web1, web2, shop-1.0 is live, exit 0' },
  ])
  for (const run of runs) expect(await said(made, run)).not.toMatch(/not-to-be-seen/)
})

test('only the ends that were asked for are told', async () => {
  const made = await configured({ recipes: [{ notify: { url: CHAT_URL, on: ['failure'] } }] })
  expect((await made.deploy(['production', await release(made, '1.0')])).code).toBe(0)
  expect(posted).toEqual([])
})

test('a dry run shows what would be sent, and sends nothing', async () => {
  const made = await configured()
  const run = await made.deploy(['production', await release(made, '1.0'), '--dry-run'])
  expect(run.stdout).toContain('post to [secret CHAT_URL] on success, failure, rollback (notify)')
  expect(posted).toEqual([])
})

test.each([
  ['does not answer', 'no answer in time'],
  ['is not there', 'no connection (ECONNREFUSED)'],
])('a chat that %s is a warning, and the run is what it was', async (how, why) => {
  const made = await configured()
  answers = false
  const url = how === 'is not there' ? await closedUrl() : CHAT_URL
  const log = join(made.directory, 'run.log')
  const run = await made.deploy(['production', await release(made, '1.0'), '--json', '--log', log], {
    env: { CHAT_URL: url },
  })
  expect({ code: run.code, problems: problemsOf(run) }).toEqual({ code: 0, problems: ['notify: webhook'] })
  expect(eventsOf(run, 'problem')).toMatchObject([
    { problem: { severity: 'warning', message: `the message about this run was not taken: ${why}` } },
  ])
  expect(run.events.at(-1)?.type).toBe('run-finished')
  expect(await said(made, run)).not.toMatch(/not-to-be-seen/)
})

test('a secret that is not set is a warning, and hosts are deployed to all the same', async () => {
  const made = await configured()
  const run = await made.deploy(['production', await release(made, '1.0')])
  expect(run.code).toBe(0)
  expect(run.stderr).toContain('nobody will be told how this run ends: the secret CHAT_URL is not set')
  expect(posted).toEqual([])
})
