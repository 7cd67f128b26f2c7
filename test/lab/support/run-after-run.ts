import { afterEach, onTestFailed } from 'vitest'
import type { ProjectConfig } from '../../e2e/support/project.ts'
import type { Fleet } from '../../support/fleet.ts'
import { beginSuccession, letGo, type Succession } from './held-run.ts'
import { thawAll } from './moments.ts'

/**
 * One project for many runs, so that what they leave behind piles up; after a test that failed a new one. After each test what was
 * held or frozen goes on.
 *
 * @returns what a test calls once, to go on where the test before it has ended
 */
export function runAfterRun(fleet: Fleet, config: ProjectConfig): () => Promise<Succession> {
  let succession: Succession | undefined
  afterEach(async () => {
    if (succession !== undefined) await letGo(succession)
    await thawAll(fleet)
  })
  return async () => {
    onTestFailed(() => {
      succession = undefined
    })
    succession ??= await beginSuccession(fleet, config)
    return succession
  }
}
