import { describe, expect, test } from 'vitest'
import { eventsOf, problemsOf } from '../e2e/support/events.ts'
import { asRoot } from '../e2e/support/faults.ts'
import { fleetOf, WITH_NAMESPACES } from '../e2e/support/fleet-of.ts'
import { rootListing } from '../e2e/support/hosts.ts'
import { makeProject, withPython } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'

/** What Python 3.6 would say of its version, from a Python that starts. */
const OLD_PYTHON = `#!/bin/sh
exec /usr/bin/python3.11 -c '
import sys
sys.version_info, sys.version = (3, 6, 9, "final", 0), "3.6.9 (default)"
at = sys.argv.index("-c", 1)
code, sys.argv = sys.argv[at + 1], ["-c"] + sys.argv[at + 2:]
exec(code)
' "$@"
`

// Every host is unfit in a way of its own, but the first.
const faults: Readonly<Record<string, string>> = {
  'no-python': 'rm /usr/bin/python3',
  'old-python': `rm /usr/bin/python3 && cat > /usr/bin/python3 && chmod 755 /usr/bin/python3`,
  'no-pip': 'rm -r /usr/share/python-wheels/pip-*',
  'read-only': 'mount --bind /var/webcode /var/webcode && mount -o remount,ro,bind /var/webcode',
  'others-root': 'chown -R root:root /var/webcode',
  'small-disk': 'true',
}
const names = ['good', ...Object.keys(faults)]

const unfitHosts = 'F18 hosts that are unfit, each in a way of its own'
if (!WITH_NAMESPACES) describe.skip(unfitHosts)
else
  describe(unfitHosts, async () => {
    const fleet = await fleetOf(names, {
      kind: 'namespaces',
      overrides: { 'small-disk': { diskMiB: 16 } },
    })
    const project = await makeProject(
      fleet,
      { stages: { staging: { hosts: names } }, recipes: [withPython] },
      { root: "the host's" },
    )
    for (const [name, fault] of Object.entries(faults)) await asRoot(fleet.host(name), fault, OLD_PYTHON)
    await release(project, '1.0')

    test('are all named at once, with every problem they have, and nothing is begun on the good one', async () => {
      const run = await project.deploy(['staging', '--json'])
      expect({ code: run.code, problems: problemsOf(run).toSorted() }).toMatchInlineSnapshot(`
      {
        "code": 3,
        "problems": [
          "no-pip: recipe-python",
          "no-python: remote-end",
          "old-python: remote-end",
          "others-root: root-not-writable",
          "read-only: root-not-writable",
          "small-disk: disk",
        ],
      }
    `)
      expect(eventsOf(run, 'phase-started')).toEqual([])
      expect(await rootListing(project, 'good')).toEqual([])
      const { stdout } = await fleet.host('good').run(['ls', '-A', project.rootOn('good')])
      expect(stdout).toBe('')
    })

    test('are told what to do', async () => {
      const { stdout } = await project.deploy(['staging'])
      const steady = stdout
        .replaceAll(/\d+ MiB are free/g, 'N MiB are free')
        .replace(/^Log: .*$/m, 'Log: FILE')
      expect(steady).toMatchInlineSnapshot(`
      "no-python
        ✖ the shell found no Python (exit status 127). It printed:
            | bash: line 1: exec: python3: not found
          → install Python 3.8 or newer on no-python, or name one that it has in hosts.no-python.python
      old-python
        ✖ its Python is 3.6.9; 3.8 is the oldest that will do
          → install Python 3.8 or newer on old-python, or name one that it has in hosts.old-python.python
      others-root
        ✖ the root /var/webcode cannot be written by stagetest: /var/webcode is not writable for stagetest: it belongs to root, mode 0755
          → as root on others-root: install -d -o stagetest /var/webcode
      read-only
        ✖ the root /var/webcode cannot be written by stagetest: /var/webcode is on a file system that is mounted read-only
          → as root on read-only: install -d -o stagetest /var/webcode
      small-disk
        ✖ N MiB are free at /var/webcode, about 65 MiB are needed
          → make room there: \`deploy prune staging\` removes old revisions
      no-pip
        ✖ /usr/bin/python3.11 has no pip to build with: install python3-pip-whl or python3-venv (Debian), or send one, with the option \`pip\`

      Refused. Nothing was changed.
      Log: FILE
      "
    `)
    })

    test('do not matter to a deploy that leaves them out', async () => {
      const { code } = await project.deploy(['staging', '--hosts', 'good'])
      expect({ code, listing: await rootListing(project, 'good') }).toEqual({
        code: 0,
        listing: ['shop-1.0', 'staging'],
      })
    })
  })
