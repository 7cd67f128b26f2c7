import type { HostName, RevisionName, StageName } from '../model/names.ts'
import type { HostPaths } from '../model/recipe.ts'

/** One revision on one host, as its steps see it. */
export interface RevisionOnHost {
  readonly project: string
  readonly host: HostName
  readonly root: string
  readonly name: RevisionName
  /** Empty where nothing records it: the link led to what was not made here. */
  readonly version: string
  /** Its directory: what the link leads to when it is live. */
  readonly path: string
}

/** Where things are on a host, by the layout that every root has. */
export function pathsOf(root: string, revision: RevisionName): HostPaths {
  return {
    root,
    revision: `${root}/${revision}`,
    sdist: `${root}/.stage/sdists/${revision}.tar.gz`,
    tools: `${root}/.stage/tools`,
    incoming: `${root}/.stage/incoming`,
    products: `${root}/.stage/incoming/${revision}.products`,
    shared: `${root}/shared`,
  }
}

/** The variables that every step has. Nothing in them tells the stage: a revision is stage-neutral up to its seal. */
export function neutralEnvironment(revision: RevisionOnHost): Readonly<Record<string, string>> {
  const { project, host, root, name, version, path } = revision
  return {
    DEPLOY_PROJECT: project,
    DEPLOY_HOST: host,
    DEPLOY_REVISION: name,
    DEPLOY_VERSION: version,
    DEPLOY_ROOT: root,
    DEPLOY_PATH: path,
    DEPLOY_SHARED: pathsOf(root, name).shared,
  }
}

/**
 * What a build step needs on top: the sdist itself, where to describe the environment that it made, and where shared
 * steps leave what they make.
 */
export function buildEnvironment({ root, name }: RevisionOnHost): Readonly<Record<string, string>> {
  const { sdist, incoming, products } = pathsOf(root, name)
  return {
    DEPLOY_SDIST: sdist,
    DEPLOY_RECORD: `${incoming}/${name}.record.json`,
    DEPLOY_PRODUCTS: products,
  }
}

/** What a step sees from `before:switch` on. DEPLOY_PREVIOUS is empty where there is no earlier revision. */
export function stageEnvironment(
  { root }: RevisionOnHost,
  stage: StageName,
  previous: RevisionName | undefined,
): Readonly<Record<string, string>> {
  return { DEPLOY_STAGE: stage, DEPLOY_LINK: `${root}/${stage}`, DEPLOY_PREVIOUS: previous ?? '' }
}
