// Makes sure that what the tests start is installed: asks dpkg first, installs with apt-get where that is allowed,
// and otherwise says what to install and fails. Says nothing when everything is there. With the argument `demo`: only
// what the demo's embedded hosts need. With `types`: only what checks the types of the Python that runs on hosts.
// With `booted`: what the tests need whose hosts boot systemd.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'

/** What builds a Python project on a host without asking a package index. */
const PYTHON = ['python3', 'python3-venv', 'python3-pip-whl', 'python3-setuptools-whl', 'python3-wheel-whl']
/** test/support/requirements.ts knows which programs of these the hosts of tests need. */
const SERVERS = [
  'openssh-server',
  'openssh-client',
  'iproute2',
  'procps',
  'util-linux',
  'mount',
  'hostname',
  'sudo',
]
/** What runs services on hosts, and what reads the units that are written for them. */
const MANAGERS = ['supervisor', 'systemd']
/** Login shells that the remote end's command line is tested with. */
const SHELLS = ['dash', 'busybox', 'zsh', 'csh', 'tcsh', 'fish']

/** test/e2e/real-sdists.test.ts builds a C extension on the hosts and runs its own tests there. */
const COMPILER = ['gcc', 'libc6-dev', 'python3-dev', 'python3-pytest']

/** What test/e2e/django.test.ts deploys a project of. */
const FRAMEWORKS = ['python3-django']

/** test/recipes/service-start.test.ts starts them out of an environment. */
const SERVERS_OF_APPLICATIONS = ['gunicorn', 'python3-uvicorn', 'python3-hypercorn']

/** What makes a Debian system in a directory, boots it, and lets it reach the network of this machine. */
const BOOTED = ['debootstrap', 'systemd-container', 'iproute2', 'iptables', 'util-linux', 'openssh-client']

const WHAT = {
  demo: { user: 'The demo needs', packages: PYTHON },
  types: { user: 'The check of Python types needs', packages: ['mypy'] },
  booted: { user: 'Hosts that boot systemd need', packages: BOOTED },
  tests: {
    user: 'The tests need',
    packages: [
      ...PYTHON,
      ...SERVERS,
      ...MANAGERS,
      ...SHELLS,
      ...COMPILER,
      ...FRAMEWORKS,
      ...SERVERS_OF_APPLICATIONS,
    ],
  },
}
const { user, packages } = WHAT[process.argv[2] ?? 'tests']

/** invoke-rc.d(8) asks it whether a service may start; 101 is no. */
const POLICY = '/usr/sbin/policy-rc.d'

function isInstalled(name) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is dpkg-query's own format.
  const asked = spawnSync('dpkg-query', ['--show', '--showformat=${db:Status-Status}', name], {
    encoding: 'utf8',
  })
  return asked.status === 0 && asked.stdout === 'installed'
}

function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', ['-q', '-y', ...args], { stdio: ['ignore', 2, 2], env }).status === 0
}

/** Installing a server starts it as a service, which nobody asked for. */
function withoutStartingServices(work) {
  if (existsSync(POLICY)) return work()
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    return work()
  } finally {
    rmSync(POLICY)
  }
}

function install(names) {
  const attempt = () => aptGet('install', '--no-install-recommends', ...names)
  // The lists of packages are often there and fresh enough; fetching them is the slow part.
  return withoutStartingServices(() => attempt() || (aptGet('update') && attempt()))
}

const missing = packages.filter(name => !isInstalled(name))
const mayInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0
if (missing.length > 0 && !(mayInstall && install(missing))) {
  process.stderr.write(
    `${user} these Debian packages: ${missing.join(' ')}\n` +
      `Install them as root: apt-get update && apt-get install ${missing.join(' ')}\n`,
  )
  process.exitCode = 1
}
