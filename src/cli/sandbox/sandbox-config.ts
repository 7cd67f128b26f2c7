import type { SandboxHost } from './ssh-host.ts'

/** The part of a configuration that says how to reach the hosts; plain data, as JSON would have it. */
export interface SandboxReach {
  readonly ssh: { readonly knownHostsFile: string }
  readonly hosts: Readonly<Record<string, SandboxReachHost>>
}

export interface SandboxReachHost {
  readonly address: string
  readonly port: number
  readonly user: string
  readonly identityFile: string
  readonly root: string
}

/** A whole configuration: `staging` on the first host, `production` on all. */
export interface SandboxConfig extends SandboxReach {
  readonly project: string
  readonly stages: Readonly<Record<'staging' | 'production', { readonly hosts: readonly string[] }>>
}

export function reachOf(
  hosts: readonly SandboxHost[],
  identityFile: string,
  knownHostsFile: string,
): SandboxReach {
  const entries = hosts.map(
    ({ name, address, port, user, root }) => [name, { address, port, user, identityFile, root }] as const,
  )
  return { ssh: { knownHostsFile }, hosts: Object.fromEntries(entries) }
}

export function wholeConfig(reach: SandboxReach, project: string): SandboxConfig {
  const names = Object.keys(reach.hosts)
  const stages = { staging: { hosts: names.slice(0, 1) }, production: { hosts: names } }
  return { project, ...reach, stages }
}

/** The `ssh` and `hosts` keys as they stand in a `stage.config.ts`, indented by one level. */
export function formatReach(reach: SandboxReach): string {
  const hosts = Object.entries(reach.hosts).map(([name, host]) => `    ${name}: ${inline(host)},\n`)
  return `  ssh: ${inline(reach.ssh)},\n  hosts: {\n${hosts.join('')}  },\n`
}

/** The whole of a `stage.config.ts`. */
export function formatConfig(config: SandboxConfig): string {
  const { project, stages } = config
  const lines = Object.entries(stages).map(([name, { hosts }]) => {
    return `    ${name}: { hosts: [${hosts.map(quoted).join(', ')}] },\n`
  })
  return (
    `import { defineConfig } from 'stage-deploy'\n\nexport default defineConfig({\n` +
    `  project: ${quoted(project)},\n${formatReach(config)}  stages: {\n${lines.join('')}  },\n})\n`
  )
}

function inline(entry: object): string {
  const fields = Object.entries(entry).map(([key, value]) => {
    return `${key}: ${typeof value === 'string' ? quoted(value) : String(value)}`
  })
  return `{ ${fields.join(', ')} }`
}

function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
