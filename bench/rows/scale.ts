import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeSdist } from '../../test/support/make-sdist.ts'
import { runDeploy } from '../support/bench-fleet.ts'
import { type Row, timed } from '../support/row.ts'

/** So many remote ends run on this one machine as its memory bears: each is a Python of 12 MiB. */
const COUNTS = [10, 100, 1000]

/** A switch by the `local` client: what the runner itself needs, and how that grows. */
export const scaleRow: Row = {
  name: 'scale',
  title: 'switch many hosts with the local client: time, and memory and CPU of the runner',
  rounds: 2,
  async prepare() {
    const directory = await mkdtemp(join(tmpdir(), 'bench-scale-'))
    const stages = Object.fromEntries(COUNTS.map(count => [`n${count}`, namesOf(count)]))
    await mkdir(join(directory, 'dist'))
    for (const version of ['1.0', '1.1'])
      await writeFile(join(directory, `dist/shop-${version}.tar.gz`), makeSdist({ name: 'shop', version }))
    for (const count of COUNTS)
      for (const name of namesOf(count)) await mkdir(join(directory, name), { recursive: true })
    const names = [...new Set(Object.values(stages).flat())]
    const host = (name: string) => ({
      address: name,
      client: 'local',
      root: join(directory, name),
      python: '/usr/bin/python3',
    })
    const config = {
      project: 'shop',
      hosts: Object.fromEntries(names.map(name => [name, host(name)])),
      stages: Object.fromEntries(Object.entries(stages).map(([stage, hosts]) => [stage, { hosts }])),
      recipes: [],
    }
    await writeFile(join(directory, 'stage.config.json'), JSON.stringify(config))
    const env = { PATH: '/usr/bin:/bin', HOME: directory, LANG: 'C.UTF-8' }
    const deploy = (...args: readonly string[]) => runDeploy(args, directory, env)
    for (const count of COUNTS)
      for (const version of ['1.0', '1.1']) await deploy(`n${count}`, `dist/shop-${version}.tar.gz`)
    const subject = (count: number) => {
      let turn = 0
      const run = async () => {
        let peak = {}
        const measured = await timed(async () => {
          ;({ peak } = await deploy('rollback', `n${count}`, '--to', `shop-1.${turn++ % 2}`))
        })
        return { ...measured, ...peak }
      }
      return { title: `${count} hosts`, run }
    }
    return {
      subjects: COUNTS.map(subject),
      [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
    }
  },
}

const namesOf = (count: number) => Array.from({ length: count }, (_, index) => `h${count}-${index + 1}`)
