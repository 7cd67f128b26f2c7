import { cp, readdir, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { runProgram } from './run-program.ts'
import type { TestHost } from './test-host.ts'

/** A complete Python of this machine that is none of the system's, where pyenv or an administrator put it. */
export interface OtherPython {
  /** The directory that has its `bin` and `lib`. */
  readonly prefix: string
  /** `3.10`. */
  readonly xy: string
}

const PLACES = [join(homedir(), '.pyenv/versions'), '/opt/python', '/usr/local/python']

/** Finds one by running what is there. Undefined: this machine has the system's Python only. */
export async function findOtherPython(except: string): Promise<OtherPython | undefined> {
  for (const place of PLACES) {
    for (const name of (await readdir(place).catch(() => [])).toSorted()) {
      const found = await described(join(place, name))
      if (found !== undefined && found.xy !== except) return found
    }
  }
  return undefined
}

const DESCRIBE = `
import ensurepip, glob, os, sys, sysconfig, venv
assert sys.version_info >= (3, 8) and sys.version_info[3] == 'final'
assert os.path.exists(os.path.join(sysconfig.get_path('include'), 'Python.h'))
assert glob.glob(os.path.join(os.path.dirname(ensurepip.__file__), '_bundled', 'pip-*.whl'))
print(sys.base_prefix, '%d.%d' % sys.version_info[:2])
`

async function described(directory: string): Promise<OtherPython | undefined> {
  const python = join(directory, 'bin/python3')
  const { code, stdout } = await runProgram([python, '-I', '-c', DESCRIBE]).catch(() => ({
    code: 1,
    stdout: '',
  }))
  const [prefix, xy] = stdout.trim().split(' ')
  return code === 0 && prefix !== undefined && xy !== undefined ? { prefix, xy } : undefined
}

/** Gives a host with namespaces a copy of it at the same path, and a name on its PATH. */
export async function installOtherPython(host: TestHost, { prefix, xy }: OtherPython): Promise<void> {
  const name = basename(prefix)
  // The user's home is the one directory of the host that we can write to from here.
  await cp(await realpath(prefix), join(host.home, name), {
    recursive: true,
    verbatimSymlinks: true,
    filter: path => !/\/(?:test|__pycache__|share)$/.test(path),
  })
  const make = [
    `mkdir -p '${dirname(prefix)}'`,
    // The path to its library is written into the interpreter: everybody has to get there.
    `chmod 755 /root`,
    `mv "$(getent passwd ${host.user} | cut -d: -f6)/${name}" '${prefix}'`,
    `chown -R root: '${prefix}'`,
    'mkdir -p /usr/local/bin',
    `ln -s '${prefix}/bin/python${xy}' /usr/local/bin/python${xy}`,
  ]
  const { code, stderr } = await host.run(['/bin/sh', '-ec', make.join('\n')], { as: 'root' })
  if (code !== 0) throw new Error(`${host.name}: ${stderr}`)
}
