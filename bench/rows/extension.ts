import { withExtension } from '../../test/e2e/support/extension-project.ts'
import { benchFleet } from '../support/bench-fleet.ts'
import { spent } from '../support/cpu.ts'
import type { Row } from '../support/row.ts'

const python = (build: 'per-host' | 'per-platform') => ({
  recipes: [{ python: { interpreter: '/usr/bin/python3', build } }],
})

/** As much C as a compiler needs some two seconds for: that of the tests is made at once, and pip would be all that a row measures. */
const FUNCTIONS = 2000

function largeExtension(version: string) {
  const { files } = withExtension(version)
  const functions = Array.from({ length: FUNCTIONS }, (_, index) => {
    const sum = `for (int i = 0; i < ${index}; i++) sum += x * i / (i + 1.5);`
    return `double f${index}(double x) { double sum = x; ${sum} return sum > ${index} ? sum / 2 : sum; }`
  })
  return { files: { ...files, 'speed.c': [files?.['speed.c'], ...functions].join('\n') } }
}

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
      const sdist = await hosts.sdist(version, largeExtension(version))
      await hosts.configure(python(build))
      return spent(() => hosts.deploy(['prepare', 'live', sdist]))
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
