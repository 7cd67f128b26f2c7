import type { HostName, StageName } from '../model/names.ts'
import type { Host } from '../model/target.ts'
import { type Channel, channels } from '../model/version-policy.ts'
import { suggestion } from '../recipe/closest.ts'
import { readEnv } from '../recipe/env.ts'
import type { Place } from '../recipe/place.ts'
import { readStageSteps } from '../recipe/read-slots.ts'
import { isPlainObject, readChoice, readFields, readInteger, readList, readText } from '../recipe/readers.ts'
import { stageNameFault } from './names.ts'
import { atOnce, readActivation } from './read-activation.ts'
import type { ResolvedStage } from './resolved-config.ts'
import { labelsOf } from './rules.ts'

const keys = ['hosts', 'accepts', 'after', 'builtBy', 'keepRevisions', 'activate', 'env', 'hooks'] as const

/** One stage; its hosts are looked up among those that are configured. */
export function readStage(
  name: StageName,
  value: unknown,
  place: Place,
  hosts: ReadonlyMap<HostName, Host>,
): ResolvedStage {
  const fault = stageNameFault(name)
  if (fault !== undefined) place.wrong('stage-name', fault)
  const fields = readFields(value, place, keys)
  const {
    hosts: written,
    accepts = channels,
    after,
    builtBy = [],
    keepRevisions = 5,
    activate,
    env = {},
    hooks = {},
  } = fields
  return {
    name,
    hosts: isPlainObject(value) ? readStageHosts(written, place.at('hosts'), hosts) : [],
    accepts: readAccepts(accepts, place.at('accepts')),
    after: after === undefined ? undefined : readText(after, place.at('after'), 'the name of a stage'),
    builtBy: readList(builtBy, place.at('builtBy'), 'a list of stages', (entry, at) =>
      readText(entry, at, 'the name of a stage'),
    ),
    keepRevisions: readInteger(keepRevisions, place.at('keepRevisions'), { from: 2 }),
    activate: activate === undefined ? atOnce : readActivation(activate, place.at('activate')),
    env: readEnv(env, place.at('env')),
    hooks: readStageSteps(hooks, place.at('hooks')),
  }
}

function readAccepts(value: unknown, place: Place): readonly Channel[] {
  const accepts = readList(value, place, 'a list of channels', (entry, at) => readChoice(entry, at, channels))
  if (Array.isArray(value) && accepts.length === 0)
    place.wrong('accepts-nothing', 'a stage accepts at least one channel', `they are: ${channels.join(', ')}`)
  return channels.filter(channel => accepts.includes(channel))
}

function readStageHosts(
  value: unknown,
  place: Place,
  hosts: ReadonlyMap<HostName, Host>,
): readonly HostName[] {
  if (isPlainObject(value)) return hostsWithLabel(value, place, hosts)
  const names = readList(value, place, 'a list of host names or { label }', (entry, at) => {
    const name = readText(entry, at, 'the name of a host')
    if (name !== '' && hosts.size > 0 && !hosts.has(name))
      at.wrong(
        'unknown-host',
        `there is no host '${name}'`,
        suggestion(name, [...hosts.keys()], 'the hosts are'),
      )
    return name
  })
  for (const [index, name] of names.entries())
    if (names.indexOf(name) !== index)
      place.at(index).wrong('host-twice', `the host '${name}' is named twice`)
  if (Array.isArray(value) && names.length === 0) place.wrong('stage-without-hosts', 'a stage needs a host')
  return names.toSorted()
}

function hostsWithLabel(
  value: unknown,
  place: Place,
  hosts: ReadonlyMap<HostName, Host>,
): readonly HostName[] {
  const fields = readFields(value, place, ['label'])
  const label = readText(fields.label, place.at('label'), 'a label')
  const labelled = [...hosts.values()].filter(host => host.labels.includes(label)).map(host => host.name)
  if (label !== '' && labelled.length === 0) {
    const hint = suggestion(label, labelsOf([...hosts.values()]), 'the labels are')
    place.at('label').wrong('unknown-label', `no host has the label '${label}'`, hint)
  }
  return labelled.toSorted()
}
