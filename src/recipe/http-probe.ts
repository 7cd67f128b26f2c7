import type { HttpProbeStep } from '../model/step.ts'
import type { HttpProbeOptions } from './http-probe-options.ts'
import { probeFieldKeys, readHttpProbe } from './read-step.ts'
import { readFields } from './readers.ts'
import { valid } from './valid.ts'

/**
 * Asks a URL from the host itself, again and again until the answer is as expected or the timeout has passed.
 *
 * @throws StageError `config` with everything that is wrong with the URL or the options
 */
export function httpProbe(url: string, options: HttpProbeOptions = {}): HttpProbeStep {
  return valid('httpProbe', place =>
    readHttpProbe(url, place.at('url'), readFields(options, place, probeFieldKeys), place),
  )
}
