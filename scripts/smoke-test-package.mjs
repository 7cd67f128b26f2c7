// Packs the package, installs it into an empty directory, and uses it as a stranger would: the command, the types, the
// recipes, and the remote end on a host (`local` client: this machine without SSH).
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('..', import.meta.url))
const place = mkdtempSync(join(tmpdir(), 'stage-package-'))
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })

function check(what, holds) {
  if (!holds) throw new Error(`the packed package: ${what}`)
  process.stdout.write(`ok: ${what}\n`)
}

const config = root => `import { defineConfig, exec } from 'stage-deploy'
import { http } from 'stage-deploy/recipes/http'
import { python } from 'stage-deploy/recipes/python'

export const unused = http({ url: 'http://127.0.0.1:8000/' })
export default defineConfig({
  project: 'shop',
  artifact: { sdist: 'dist/*.tar.gz', build: ['/usr/bin/python3', 'make_sdist.py'] },
  hosts: { here: { address: 'localhost', client: 'local', root: '${root}', python: '/usr/bin/python3' } },
  stages: { staging: { hosts: ['here'] } },
  // Debian's wheel of setuptools is for Debian's own Python.
  recipes: [python({ interpreter: '/usr/bin/python3', pipArgs: ['--no-index', '--find-links', '/usr/share/python-wheels'] })],
  verify: [exec(['.env/bin/python', '-m', 'unittest', 'discover', '-s', 'tests', '-t', '.'])],
})
`

try {
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', place], source))
  const consumer = join(place, 'consumer')
  mkdirSync(consumer)
  writeFileSync(join(consumer, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n')
  run('npm', ['install', '--no-progress', '--prefer-offline', join(place, filename)], consumer)

  const project = join(place, 'shop')
  run('cp', ['-r', join(source, 'examples/shop'), project], place)
  const root = join(place, 'webcode')
  writeFileSync(join(project, 'stage.config.ts'), config(root))

  const deploy = args =>
    spawnSync(join(consumer, 'node_modules/.bin/deploy'), args, {
      cwd: project,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  check('--version prints the version', /^\d+\.\d+\.\d+\n$/.test(deploy(['--version']).stdout))
  check('--help ends well', deploy(['--help']).status === 0)
  check('a deploy with the python recipe ends well', deploy(['staging', '--build']).status === 0)
  check('the link names the revision', readlinkSync(join(root, 'staging')) === 'shop-1.0.0')

  // The types, as an editor sees them: the package is found like any other here.
  symlinkSync(join(consumer, 'node_modules'), join(project, 'node_modules'))
  const tsc = join(source, 'node_modules/typescript/bin/tsc')
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck']
  const typed = spawnSync(process.execPath, [tsc, ...flags, 'stage.config.ts'], {
    cwd: project,
    encoding: 'utf8',
  })
  check(`the types are found${typed.status === 0 ? '' : `: ${typed.stdout}`}`, typed.status === 0)
  const misspelt = config(root).replace("hosts: ['here']", "hosts: ['her']")
  writeFileSync(join(project, 'misspelt.config.ts'), misspelt)
  const wrong = spawnSync(process.execPath, [tsc, ...flags, 'misspelt.config.ts'], {
    cwd: project,
    encoding: 'utf8',
  })
  check('a misspelt host is a compile error', wrong.status !== 0 && wrong.stdout.includes('her'))
} finally {
  // Sealed revisions are read-only.
  spawnSync('chmod', ['-R', 'u+w', place])
  rmSync(place, { recursive: true, force: true })
}
