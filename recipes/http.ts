import { defineRecipe, type HttpProbeOptions, httpProbe, type Recipe, type StepsBySlot } from 'stage-deploy'
import { type BootOptions, readBoot } from './http/boot.ts'
import { checkOptions, probeKeys } from './http/option-faults.ts'
import { aRevision, naming, type VersionCheck } from './http/version-check.ts'

export type { BootOptions, VersionCheck }

/** What is asked of the application: after the switch, before it, or both. */
export interface HttpOptions extends HttpProbeOptions {
  /** Asked after the switch, as the host itself reaches it: `http://127.0.0.1:8000/health`. */
  readonly url?: string
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
  const probe = (revision: typeof aRevision) =>
    url === undefined ? [] : [httpProbe(url, naming(version, revision, expected))]
  // What is wrong is found now, and not when the hosts were reached.
  probe(aRevision)
  return defineRecipe({
    name: 'http',
    steps: ({ intent, revision }): StepsBySlot => ({
      // What was live before has proved that it starts: nothing stands in the way back. A recovery prepares nothing but what was undone,
      // which it finds by its number: for that the steps before a switch are always the same.
      ...(intent === 'rollback' ? {} : booted?.(revision)),
      health: probe(revision),
    }),
  })
}
