import { withExtension } from '../../test/e2e/support/extension-project.ts'
import { benchFleet } from '../support/bench-fleet.ts'
import { type Row, timed } from '../support/row.ts'

const python = (build: 'per-host' | 'per-platform') => ({
  recipes: [{ python: { interpreter: '/usr/bin/python3', build } }],
})

/** Hosts of one platform: beside each other, one build for all of them and one on each. */
const row = (count: number): Row => ({
  name: `extension-${count}`,
  title: `prepare a project with a C extension on ${count} hosts of one platform`,
  rounds: 3,
  async prepare() {
    const hosts = await benchFleet(count, python('per-host'))
    let minor = 0
    const run = (build: 'per-host' | 'per-platform') => async () => {
      const version = `1.${minor++}`
      const sdist = await hosts.sdist(version, withExtension(version))
      await hosts.configure(python(build))
      return timed(() => hosts.deploy(['prepare', 'live', sdist]))
    }
    return {
      subjects: [
        { title: "build: 'per-host'", run: run('per-host') },
        { title: "build: 'per-platform'", run: run('per-platform') },
      ],
      [Symbol.asyncDispose]: () => hosts[Symbol.asyncDispose](),
    }
  },
})

export const extensionRows: readonly Row[] = [row(2), row(10)]
