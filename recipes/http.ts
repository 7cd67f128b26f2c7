import { defineRecipe, type HttpProbeOptions, httpProbe, type Recipe, type StepsBySlot } from 'stage-deploy'
import { type BootOptions, readBoot } from './http/boot.ts'
import { checkOptions, probeKeys } from './http/option-faults.ts'
import { checkUrls, type Urls, urlOf } from './http/urls.ts'
import { aRevision, naming, type VersionCheck } from './http/version-check.ts'

export type { BootOptions, VersionCheck }

/** What is asked of the application: after the switch, before it, or both. */
export interface HttpOptions extends HttpProbeOptions {
  /** Asked after the switch, as the host itself reaches it: `http://127.0.0.1:8000/health`; or one of these for each stage. */
  readonly url?: Urls
  /** What answers has to say which revision it is: the one that is live now. */
  readonly version?: VersionCheck
  /** The new revision is started beside the live one, before anything is switched, and asked there. */
  readonly boot?: BootOptions
}

/**
 * Is it serving? Asked after the switch from every host itself: one that does not answer as expected in time fails the run,
 * and every host is put back. With `boot` the new revision is asked before the switch as well, on a place of its own.
 *
 * @throws StageError `config` with everything that is wrong with the options
 */
export function http(options: HttpOptions): Recipe {
  checkOptions(options, [...probeKeys, 'socket', 'once', 'undo', 'url', 'version', 'boot'])
  const { url, version, boot, ...expected } = options
  const booted = boot === undefined ? undefined : readBoot(boot)
  const probe = (asked: string, revision: typeof aRevision) =>
    httpProbe(asked, naming(version, revision, { ...expected, timeoutOption: 'http({ timeout })' }))
  // What is wrong is found now, and not when the hosts were reached.
  if (url !== undefined) checkUrls(url, asked => probe(asked, aRevision))
  return defineRecipe({
    name: 'http',
    claims({ stage }) {
      if (url !== undefined) urlOf(url, stage)
      return []
    },
    // What was live before has proved that it starts: nothing stands in the way back. A recovery prepares nothing but what was undone,
    // which it finds by its number: for that the steps before a switch are always the same.
    steps: ({ intent, revision }): StepsBySlot => (intent === 'rollback' ? {} : (booted?.(revision) ?? {})),
    stageSteps: ({ stage, revision }) =>
      url === undefined ? {} : { health: [probe(urlOf(url, stage), revision)] },
  })
}
