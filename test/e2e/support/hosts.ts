import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fleet } from '../../support/fleet.ts'
import type { Project } from './project.ts'

/** The text of a link on every host, by name; `null` where there is none. */
export async function links(
  fleet: Fleet,
  project: Project,
  stage: string,
): Promise<Readonly<Record<string, string | null>>> {
  const read = fleet.hosts.map(async ({ name }) => {
    const text = await readlink(join(project.rootOf(name), stage)).catch(() => null)
    return [name, text] as const
  })
  return Object.fromEntries(await Promise.all(read))
}

/** The same text on every host of the fleet, to compare `links` with. */
export function everywhere<Value>(fleet: Fleet, value: Value): Readonly<Record<string, Value>> {
  return Object.fromEntries(fleet.hosts.map(({ name }) => [name, value]))
}

/** What stands in the root of one host, the runner's own records left out. */
export async function rootListing(project: Project, host: string): Promise<readonly string[]> {
  return (await readdir(project.rootOf(host))).filter(name => name !== '.stage').toSorted()
}

/** The lines of a host's journal. */
export async function journal(
  project: Project,
  host: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const text = await readFile(join(project.rootOf(host), '.stage/journal.jsonl'), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
}

/** `.revision.json` of one revision on one host. */
export async function revisionRecord(
  project: Project,
  host: string,
  revision: string,
): Promise<Readonly<Record<string, unknown>>> {
  return JSON.parse(await readFile(join(project.rootOf(host), revision, '.revision.json'), 'utf8'))
}

/**
 * What runs on a host beside its SSH server. Nothing, when no command is under way; the server's own part of a connection
 * stays as long as the other side lets it.
 */
export async function runningOn(fleet: Fleet, host: string): Promise<readonly string[]> {
  return (await fleet.host(host).processes()).filter(({ server }) => !server).map(({ command }) => command)
}

/** Uploads and builds that somebody left half way, on all hosts. */
export async function leftovers(fleet: Fleet, project: Project): Promise<readonly string[]> {
  const found = fleet.hosts.map(async ({ name }) => {
    const incoming = await readdir(join(project.rootOf(name), '.stage/incoming')).catch(() => [])
    const unfinished = (await rootListing(project, name)).filter(entry => entry.startsWith('.'))
    return [...incoming, ...unfinished].map(entry => `${name}: ${entry}`)
  })
  return (await Promise.all(found)).flat()
}

/** Everything below a directory: kind, mode, size, times and content of each entry, so that one byte is seen. */
export async function treeOf(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory, { recursive: true })
  const described = names.toSorted().map(async name => {
    const path = join(directory, name)
    const stats = await lstat(path, { bigint: true })
    const content = stats.isSymbolicLink()
      ? await readlink(path)
      : stats.isFile()
        ? (await readFile(path)).toString('base64')
        : ''
    return `${name} ${stats.mode.toString(8)} ${stats.uid} ${stats.mtimeNs} ${stats.ctimeNs} ${content}`
  })
  return await Promise.all(described)
}
