import { expect, test } from 'vitest'
import { problemsOf } from '../e2e/support/events.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { everywhere, links } from '../e2e/support/hosts.ts'
import { makeProject } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { copyOf } from './support/copy-of.ts'

const fleet = await fleetOf(['web1', 'web2', 'web3'])

/** Staging is live on 1.0 on two of three hosts, which is all it has. */
const stages = { staging: { hosts: ['web1', 'web2'] }, production: { hosts: ['web3'] } }
const deployed = makeProject(fleet, { stages }).then(async project => {
  expect(await project.deploy(['staging', await release(project, '1.0')])).toMatchObject({ code: 0 })
  return project
})
/** A new one for each test. */
const withoutWeb3 = async () => await copyOf(fleet, await deployed, { stages })

test('F16 a host that was added to the stage later is built and switched together with the rest', async () => {
  const project = await withoutWeb3()
  expect(await links(fleet, project, 'staging')).toEqual({ ...everywhere(fleet, 'shop-1.0'), web3: null })
  await project.configure({})
  expect(await project.deploy(['staging', await release(project, '1.1')])).toMatchObject({ code: 0 })
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.1'))
})

test('F16 a deploy of what is live on all hosts but a new one makes it live there too', async () => {
  const project = await withoutWeb3()
  await project.configure({})
  await release(project, '1.0')
  expect(await project.deploy(['staging'])).toMatchObject({ code: 0 })
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
})

test('F16 a host that was added later has nothing to roll back to: that is said of it before any host is touched', async () => {
  const project = await withoutWeb3()
  expect(await project.deploy(['staging', await release(project, '1.1')])).toMatchObject({ code: 0 })
  await project.configure({})
  expect(await project.deploy(['staging', await release(project, '1.2')])).toMatchObject({ code: 0 })
  const refused = await project.deploy(['rollback', 'staging', '--json'])
  expect(refused.code).toBe(3)
  expect(JSON.stringify(problemsOf(refused))).toMatch(/web3/)
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.2'))
})
