import { defineRecipe, type HttpProbeOptions, httpProbe, type Recipe } from 'stage-deploy'

/** What is asked after the switch, from every host itself. */
export interface HttpOptions extends HttpProbeOptions {
  /** As the host itself reaches it: `http://127.0.0.1:8000/health`. */
  readonly url: string
}

/**
 * Probes the application after the switch: is it serving? A host on which it does not answer as expected in time fails
 * the run, and every host is put back.
 *
 * @throws StageError `config` with everything that is wrong with the options
 */
export function http({ url, ...options }: HttpOptions): Recipe {
  const probe = httpProbe(url, options)
  return defineRecipe({ name: 'http', steps: () => ({ health: [probe] }) })
}
