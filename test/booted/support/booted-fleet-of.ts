import { afterAll } from 'vitest'
import { makeRunnerHome } from '../../e2e/support/deploy.ts'
import { type BootedFleetOptions, startBootedFleet } from '../../support/booted/booted-fleet.ts'
import type { Fleet } from '../../support/fleet.ts'

/** Hosts that boot, for all tests of a file: started once, gone with it. */
export async function bootedFleetOf(
  names: readonly string[],
  options: BootedFleetOptions = {},
): Promise<Fleet> {
  const fleet = await startBootedFleet(names, options)
  afterAll(async () => await fleet[Symbol.asyncDispose]())
  await makeRunnerHome(fleet)
  return fleet
}
