import { StageError } from 'stage-deploy'

/** What is asked: on every stage, or on each its own. */
export type Urls = string | Readonly<Record<string, string>>

/**
 * What is asked on this stage.
 *
 * @throws StageError `config`: each stage has a URL of its own, and this one has none
 */
export function urlOf(urls: Urls, stage: string): string {
  if (typeof urls === 'string') return urls
  const url = Object.hasOwn(urls, stage) ? urls[stage] : undefined
  if (url !== undefined) return url
  throw new StageError('config', `http does not say what to ask on the stage '${stage}'`, {
    hint: `write it: url: { '${stage}': 'http://127.0.0.1:8000/health' }`,
  })
}

/**
 * Has every URL read as a probe of its own will be. What is wrong with one of several is said with its stage.
 *
 * @throws StageError `config`
 */
export function checkUrls(urls: Urls, read: (url: string) => unknown): void {
  if (typeof urls === 'string') read(urls)
  else for (const [stage, url] of Object.entries(urls)) atStage(stage, () => read(url))
}

function atStage(stage: string, read: () => unknown): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof StageError)) throw error
    const problems = error.problems.map(problem =>
      problem.where === 'url' ? { ...problem, where: `url.${stage}` } : problem,
    )
    throw new StageError(error.code, error.message, { problems, cause: error })
  }
}
