import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { exec, type Step } from '../../../src/index.ts'
import type { Fleet } from '../../support/fleet.ts'
import { HOST_PYTHON } from '../../support/requirements.ts'
import { mustRun } from '../../support/run-program.ts'
import type { ReleaseOptions } from './releases.ts'

const SETTINGS = `
import os
import sys
from pathlib import Path

SECRET_KEY = os.environ["SECRET_KEY"]
INSTALLED_APPS = ["django.contrib.staticfiles", "shop"]
STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(os.environ["DEPLOY_SHARED"], "db.sqlite3")}
}
`

const migration = (after: string | undefined, operations: string) => `
from django.conf import settings
from django.db import migrations, models


def tell(apps, schema_editor):
    print("signed with " + settings.SECRET_KEY)


class Migration(migrations.Migration):
    dependencies = [${after === undefined ? '' : `("shop", "${after}")`}]
    operations = [${operations}]
`

const FIRST = migration(
  undefined,
  'migrations.CreateModel("Order", [("id", models.AutoField(primary_key=True))]), migrations.RunPython(tell, tell)',
)

/** A migration after the first one. @param operations as its list has them */
export const secondMigration = (operations: string) => ({
  'shop/migrations/0002_second.py': migration('0001_initial', operations),
})

export const ADDS_PLACE =
  'migrations.AddField("Order", "place", models.IntegerField(default=0)), migrations.RunPython(tell, tell)'
export const FAILS = 'migrations.RunSQL("SELECT * FROM nowhere")'

/** A Django project with one model, one migration and one static file. @param settings lines at the end of its settings */
export const djangoProject = (
  settings = '',
  files: Readonly<Record<string, string>> = {},
): ReleaseOptions => ({
  files: {
    'shop/settings.py': `${SETTINGS}${settings}\n`,
    'shop/migrations/__init__.py': '',
    'shop/migrations/0001_initial.py': FIRST,
    'shop/static/shop/site.css': 'body { color: black }\n',
    'pyproject.toml': undefined,
    'setup.py': SETUP,
    ...files,
  },
})

const SETUP = `
from setuptools import setup

with open("PKG-INFO") as info:
    version = next(line.split()[1] for line in info if line.startswith("Version:"))
setup(
    name="shop",
    version=version,
    packages=["shop", "shop.migrations"],
    package_data={"shop": ["static/shop/*"]},
    install_requires=["Django"],
)
`

/** An environment that has the host's own Django and finds the project in the revision's tree: made in no time. */
export const lightEnvironment: readonly Step[] = [
  exec([HOST_PYTHON, '-m', 'venv', '--without-pip', '--system-site-packages', '.env']),
  exec([
    '.env/bin/python',
    '-c',
    'import os, sysconfig; open(sysconfig.get_path("purelib") + "/shop.pth", "w").write(os.environ["DEPLOY_PATH"])',
  ]),
]

/** What Debian has installed of a distribution, as a wheel: without an index there is no other. */
const PACK = `
import email, glob, os, sys, zipfile
target, names = sys.argv[1], sys.argv[2:]
for name in names:
    package, project = name.split("=")
    base = "/usr/lib/python3/dist-packages"
    [info] = glob.glob("%s/%s-*.egg-info" % (base, project))
    version = email.message_from_file(open(info + "/PKG-INFO"))["Version"]
    requires = {"Django": ["asgiref", "sqlparse", "pytz"]}.get(project, [])
    meta = "%s-%s.dist-info/" % (project, version)
    with zipfile.ZipFile("%s/%s-%s-py3-none-any.whl" % (target, project, version), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as wheel:
        record = []
        def add(path, data):
            wheel.writestr(path, data)
            record.append(path + ",,")
        for directory, _, files in os.walk(os.path.join(base, package)):
            if "__pycache__" in directory or "/locale/" in directory.replace("/locale/en/", "/"):
                continue
            for file in files:
                path = os.path.join(directory, file)
                add(os.path.relpath(path, base), open(path, "rb").read())
        lines = ["Metadata-Version: 2.1", "Name: " + project, "Version: " + version] + ["Requires-Dist: " + one for one in requires]
        add(meta + "METADATA", "\\n".join(lines) + "\\n")
        add(meta + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(meta + "RECORD", "\\n".join(record + [meta + "RECORD,,"]) + "\\n")
`

/**
 * Puts wheels of Debian's Django and all it needs on every host.
 *
 * @returns the python recipe that builds with these alone
 */
export async function pythonWithDjango(fleet: Fleet) {
  const wheels = join(fleet.directory, 'wheels')
  await mkdir(wheels)
  await mustRun([
    HOST_PYTHON,
    '-c',
    PACK,
    wheels,
    'django=Django',
    'asgiref=asgiref',
    'sqlparse=sqlparse',
    'pytz=pytz',
  ])
  for (const host of fleet.hosts) await mustRun(['cp', '-r', wheels, `${host.home}/wheels`])
  const [first] = fleet.hosts
  const links = ['/usr/share/python-wheels', `/home/${first?.user}/wheels`]
  return { python: { pipArgs: ['--no-index', ...links.flatMap(link => ['--find-links', link])] } }
}
