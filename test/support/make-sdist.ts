import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packTarGz, type RawTarEntry } from './tar-writer.ts'

export interface SdistOptions {
  readonly name: string
  readonly version: string
  /** Files by their path in the project, besides or instead of the default ones; `undefined` leaves one out. */
  readonly files?: Readonly<Record<string, string | undefined>>
  /** Headers of PKG-INFO, besides or instead of the default ones; `undefined` leaves one out. */
  readonly pkgInfo?: Readonly<Record<string, string | undefined>>
  /** Entries as they are to stand in the archive, after all others: hostile ones, links, executables. */
  readonly entries?: readonly RawTarEntry[]
  /** The one directory in the archive; `{name}-{version}` by default. */
  readonly topLevel?: string
}

/**
 * Builds an sdist in memory. By default it is a whole setuptools project that any host can install: a package with
 * `__version__`, and a test of it that `python -m unittest` finds.
 */
export function makeSdist(options: SdistOptions): Buffer {
  const topLevel = options.topLevel ?? `${options.name}-${options.version}`
  const files = { ...projectFiles(options), ...options.files }
  const directories = new Set(Object.keys(files).flatMap(path => parents(`${topLevel}/${path}`)))
  return packTarGz([
    ...[...directories].toSorted().map(path => ({ path, type: '5' })),
    ...Object.entries(files).flatMap(([path, content]) =>
      content === undefined ? [] : [{ path: `${topLevel}/${path}`, content }],
    ),
    ...(options.entries ?? []),
  ])
}

/** Writes an sdist as `{name}-{version}.tar.gz` and returns its path. */
export async function writeSdist(directory: string, options: SdistOptions): Promise<string> {
  const path = join(directory, `${options.name}-${options.version}.tar.gz`)
  await writeFile(path, makeSdist(options))
  return path
}

/** The name under which Python code imports the default package: `My.Shop` is `my_shop`. */
export function packageName(name: string): string {
  return name.replace(/[-_.]+/g, '_').toLowerCase()
}

function projectFiles({ name, version, pkgInfo }: SdistOptions): Readonly<Record<string, string>> {
  const module = packageName(name)
  return {
    'PKG-INFO': headers({ 'Metadata-Version': '2.1', Name: name, Version: version, ...pkgInfo }),
    'pyproject.toml': `${[
      '[build-system]',
      'requires = ["setuptools"]',
      'build-backend = "setuptools.build_meta"',
      '',
      '[project]',
      `name = "${name}"`,
      `version = "${version}"`,
      ...(pkgInfo?.['Requires-Python'] === undefined
        ? []
        : [`requires-python = "${pkgInfo['Requires-Python']}"`]),
      '',
      '[tool.setuptools]',
      `packages = ["${module}"]`,
    ].join('\n')}\n`,
    [`${module}/__init__.py`]: `__version__ = "${version}"\n`,
    'test_package.py': `${[
      'import unittest',
      '',
      `import ${module}`,
      '',
      '',
      'class PackageTest(unittest.TestCase):',
      '    def test_it_is_this_version(self):',
      `        self.assertEqual(${module}.__version__, "${version}")`,
    ].join('\n')}\n`,
  }
}

function headers(values: Readonly<Record<string, string | undefined>>): string {
  const lines = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\n`],
  )
  return lines.join('')
}

/** `a/b/c` is in `a` and `a/b`. */
function parents(path: string): readonly string[] {
  const names = path.split('/').slice(0, -1)
  return names.map((_, index) => names.slice(0, index + 1).join('/'))
}
