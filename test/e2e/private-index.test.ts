import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { mustRun } from '../support/run-program.ts'
import { fleetOf } from './support/fleet-of.ts'
import { everywhere, links, revisionRecord } from './support/hosts.ts'
import { makeProject } from './support/project.ts'
import { release } from './support/releases.ts'

const fleet = await fleetOf(['web1', 'web2'])
const PASSWORD = 'correct-horse-battery'
const WHEELS = '/usr/share/python-wheels'

/** This machine, as the host that builds sees it: the other end of its cable, or the loopback interface itself. */
const runner = fleet
  .host('web1')
  .address.replace(/^198\.(.*)\.(\d+)$/, (_all, network, end) => `198.${network}.${Number(end) - 1}`)

/** An index (PEP 503) of Debian's own wheels, for those who have the password; with what it was asked for, and by whom. */
async function privateIndex() {
  const asked: string[] = []
  const lists: string[] = []
  const basic = `Basic ${Buffer.from(`ana:${PASSWORD}`).toString('base64')}`
  const files = await readdir(WHEELS)
  const server = createServer(async (request, response) => {
    lists.push(await mustRun(['ps', '-eww', '-o', 'args']))
    if (request.headers.authorization !== basic) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="index"' }).end()
      return
    }
    const [, , name = '', file = ''] = (request.url ?? '').split('/')
    asked.push(file === '' ? name : file)
    if (file !== '') {
      response.end(await readFile(join(WHEELS, file)))
      return
    }
    const own = files.filter(wheel => wheel.startsWith(`${name}-`))
    response.setHeader('Content-Type', 'text/html')
    response.end(`<!DOCTYPE html><html><body>${own.map(wheel => `<a href="${wheel}">${wheel}</a>`).join('')}`)
  })
  await new Promise<void>(listening => server.listen(0, listening))
  afterAll(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: `http://ana:${PASSWORD}@${runner}:${port}/simple`, asked, lists }
}

test('a private index is known to the host that builds, by its environment, and stands nowhere', async () => {
  const index = await privateIndex()
  const env = { INDEX: index.url }
  const project = await makeProject(fleet, {
    recipes: [{ python: { index: { secret: 'INDEX' }, pipArgs: ['--trusted-host', runner] } }],
  })
  await release(project, '1.0')
  const plan = await project.deploy(['staging', '--dry-run', '--json'], { env })
  const run = await project.deploy(['staging', '--json', '-v'], { env })
  if (run.code !== 0) expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' })
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
  expect(index.asked.filter(name => name.startsWith('setuptools-')).length).toBe(1)
  const steps: readonly { readonly env: object; readonly action: { readonly kind: string } }[] = JSON.parse(
    plan.stdout,
  ).phases.find((phase: { readonly name: string }) => phase.name === 'build').hosts.web2.inside
  expect(steps.find(({ action }) => action.kind === 'take')?.env).not.toHaveProperty('PIP_INDEX_URL')
  const record = JSON.stringify(await revisionRecord(project, 'web1', 'shop-1.0'))
  const texts = [...index.lists, plan.stdout, run.stdout, record]
  expect(texts.filter(text => text.includes(PASSWORD))).toEqual([])
  for (const place of [
    ...fleet.hosts.map(({ name }) => project.rootOf(name)),
    join(fleet.directory, 'runner-home'),
  ]) {
    const search = ['grep', '-r', '-l', '-F', '--', PASSWORD, place]
    expect(await mustRun(['/bin/sh', '-c', '"$@" || test $? = 1', 'sh', ...search])).toBe('')
  }
})
