import type { StageContext } from 'stage-deploy'
import type { Interpreter } from '../../recipes/python/interpreters.ts'

/** `/usr/bin/python3.11` as a Debian host describes it, with everything that a build needs. */
export const aPython = (version: string, changes: Partial<Interpreter> = {}): Interpreter => ({
  path: `/usr/bin/python${version.split('.').slice(0, 2).join('.')}`,
  version,
  final: true,
  implementation: 'cpython',
  freeThreaded: false,
  venv: true,
  pipWheel: '/usr/share/python-wheels/pip-23.0.1-py3-none-any.whl',
  abi: `cpython-${version.split('.').slice(0, 2).join('')}-x86_64-linux-gnu`,
  platform: 'linux-x86_64-glibc-2.36',
  ...changes,
})

type Context = StageContext<Readonly<Record<string, unknown>>>

/** What the python recipe knows on web1 when it is to build `My.Shop` 1.4.0; `others` are the hosts beside it. */
export function aContext(
  own: readonly Interpreter[],
  changes: {
    readonly others?: readonly (readonly Interpreter[])[]
    readonly requiresPython?: string
    readonly builds?: boolean
  } = {},
): Context {
  const { others = [], requiresPython, builds = true } = changes
  const root = '/var/webcode'
  const name = 'My.Shop-1.4.0'
  return {
    intent: 'deploy',
    host: { name: 'web1', labels: [] },
    revision: { name, project: 'My.Shop', version: '1.4.0', sha256: 'ab12', requiresPython },
    builds,
    stage: 'production',
    leftOut: [],
    paths: {
      root,
      link: `${root}/production`,
      revision: `${root}/${name}`,
      sdist: `${root}/.stage/sdists/${name}.tar.gz`,
      tools: `${root}/.stage/tools`,
      incoming: `${root}/.stage/incoming`,
      products: `${root}/.stage/incoming/${name}.products`,
      shared: `${root}/shared`,
    },
    facts: { interpreters: own },
    fleet: new Map([own, ...others].map((interpreters, index) => [`web${index + 1}`, { interpreters }])),
  }
}
