import { afterAll } from 'vitest'
import { type Fleet, type FleetOptions, startFleet } from '../../support/fleet.ts'
import { mayUseNamespaces } from '../../support/requirements.ts'
import { makeRunnerHome } from './deploy.ts'

/** Hosts for all tests of a file: started once, gone with it. */
export async function fleetOf(names: readonly string[], options: FleetOptions = {}): Promise<Fleet> {
  const fleet = await startFleet(names, options)
  afterAll(async () => await fleet[Symbol.asyncDispose]())
  await makeRunnerHome(fleet)
  return fleet
}

/** For tests that need hosts with users and file systems of their own. In CI such a test fails instead of skipping. */
export const WITH_NAMESPACES = process.env['CI'] !== undefined || (await mayUseNamespaces())
