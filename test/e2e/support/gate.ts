import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Step, script, sh } from '../../../src/index.ts'
import type { Project } from './project.ts'

/** What a step that waits prints on its host. */
export const STANDING = 'standing at the gate'

/** A step that ends at once where no gate is shut, and otherwise as soon as it is opened. */
export const atGate: Step = script(
  sh`test ! -e "$DEPLOY_ROOT/gate" || { echo ${STANDING}; while test -e "$DEPLOY_ROOT/gate"; do sleep 0.05; done; }`,
  { title: 'wait at the gate', timeout: '10m' },
)

/** Shuts the gate on one host. @returns what opens it */
export async function shutGate(project: Project, host: string): Promise<() => Promise<void>> {
  const file = join(project.rootOf(host), 'gate')
  await writeFile(file, '')
  return async () => await rm(file, { force: true })
}
