import { benchFleet } from '../support/bench-fleet.ts'
import { spent } from '../support/cpu.ts'
import type { Row } from '../support/row.ts'
import { sshLoop } from '../support/ssh-loop.ts'

/** Without an index: setuptools and wheel come from Debian's own wheels on the host. */
const WHEELS = '--no-index --find-links /usr/share/python-wheels'
const python = { python: { interpreter: '/usr/bin/python3', pipArgs: WHEELS.split(' ') } }

/** What a loop does for the same: environment, install, check, tests, a link renamed over the old one. */
const script = (root: string, revision: string) =>
  [
    `set -e; cd ${root}; mkdir -p by-loop/${revision}`,
    `tar -xzf by-loop/${revision}.tar.gz --strip-components=1 -C by-loop/${revision}`,
    `cd by-loop/${revision}; /usr/bin/python3 -m venv .env`,
    `.env/bin/pip install -q --disable-pip-version-check ${WHEELS} ../${revision}.tar.gz`,
    '.env/bin/pip check -q --disable-pip-version-check',
    '.env/bin/python -m unittest 2>/dev/null',
    `ln -sfn ${revision} ../live.new; mv -T ../live.new ../live; test "$(readlink ../live)" = ${revision}`,
  ].join('\n')

export const deployRow: Row = {
  name: 'deploy',
  title: 'deploy an sdist to 3 hosts: upload, environment, install, tests, switch',
  rounds: 3,
  async prepare() {
    const verify = [{ exec: ['.env/bin/python', '-m', 'unittest'] }]
    const hosts = await benchFleet(3, { recipes: [python], verify })
    const loop = await sshLoop(hosts)
    let minor = 0
    const baseline = async () => {
      const revision = `shop-1.${minor}`
      const sdist = await hosts.sdist(`1.${minor++}`)
      const measured = await spent(async () => {
        await loop.run(name => `mkdir -p ${hosts.rootOf(name)}/by-loop`)
        await loop.copy(sdist, name => `${hosts.rootOf(name)}/by-loop/${revision}.tar.gz`)
        await loop.run(name => script(hosts.rootOf(name), revision))
      })
      await loop.close()
      return measured
    }
    const deploy = async () => {
      const sdist = await hosts.sdist(`1.${minor++}`)
      return spent(() => hosts.deploy(['live', sdist]))
    }
    return {
      subjects: [
        { title: 'parallel scp and ssh', run: baseline },
        { title: 'deploy', run: deploy },
      ],
      [Symbol.asyncDispose]: () => hosts[Symbol.asyncDispose](),
    }
  },
}
