import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from '../../support/run-program.ts'

const APT = '/etc/apt'

/**
 * Fetches the upstream archive of a Debian source package from wherever this machine has its packages from. What apt
 * keeps for it stays in `directory`; the machine's own lists and sources are not touched, so it needs no root.
 *
 * @returns the path of `{package}_{version}.orig.tar.gz`, or undefined where the archive cannot be reached
 */
export async function upstreamArchive(name: string, directory: string): Promise<string | undefined> {
  const options = await privateApt(directory)
  const target = join(directory, name)
  await mkdir(target, { recursive: true })
  await runProgram(['apt-get', ...options, 'source', '--download-only', '--tar-only', name], { cwd: target })
  const file = (await readdir(target)).find(entry => entry.endsWith('.orig.tar.gz'))
  return file === undefined ? undefined : join(target, file)
}

/** Prepared once for all packages of a directory. @returns options for apt-get(8) */
async function privateApt(directory: string): Promise<readonly string[]> {
  const sources = join(directory, 'sources.list.d')
  const settings = {
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': sources,
    'Dir::State::lists': join(directory, 'lists'),
    'Dir::Cache': join(directory, 'cache'),
    // As root apt changes to a user of its own, who may not write here.
    'APT::Sandbox::User': 'root',
  }
  const options = ['-q', ...Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`])]
  const isNew = (await mkdir(sources, { recursive: true })) !== undefined
  if (!isNew) return options
  for (const part of ['lists/partial', 'cache/archives/partial'])
    await mkdir(join(directory, part), { recursive: true })
  await copySources(sources)
  // A source that has no source packages is no reason not to ask the others.
  await runProgram(['apt-get', ...options, 'update'])
  return options
}

/** Writes this machine's sources once more, asking for source packages: sources.list(5), both formats. */
async function copySources(into: string): Promise<void> {
  const parts = (await readdir(join(APT, 'sources.list.d')).catch(() => [])).map(
    name => `sources.list.d/${name}`,
  )
  for (const name of ['sources.list', ...parts]) {
    if (!/\.(list|sources)$/.test(name)) continue
    const text = await readFile(join(APT, name), 'utf8').catch(() => '')
    const asked = name.endsWith('.list')
      ? text.replaceAll(/^deb(?=\s)/gm, 'deb-src')
      : text.replaceAll(/^Types:.*$/gm, 'Types: deb-src')
    await writeFile(join(into, name.replaceAll('/', '-')), asked)
  }
}
