/** The commands of `deploy`: a stage of such a name could not be deployed to, the command would be meant. */
const commandNames = [
  'deploy',
  'prepare',
  'rollback',
  'promote',
  'status',
  'check',
  'revisions',
  'history',
  'recover',
  'discard',
  'prune',
  'lock',
  'unlock',
  'run',
  'authorize',
  'version',
  'init',
  'sandbox',
  'help',
] as const

/** Why a stage cannot have this name; undefined if it can. A stage's name is the name of its link in the root. */
export function stageNameFault(name: string): string | undefined {
  if (!/^[a-z][a-z0-9_-]*$/.test(name))
    return `the name of a stage is lower-case letters, digits, _ and -, a letter first`
  if (commandNames.some(command => command === name)) return `'${name}' is a command and cannot name a stage`
  if (name === 'shared') return "'shared' is a directory of the root and cannot name a stage"
  return undefined
}

/** Why a host cannot have this name; undefined if it can. It stands in lists with commas, in lines and in tables. */
export function hostNameFault(name: string): string | undefined {
  return simpleName.test(name) ? undefined : `the name of a host is ${simple}`
}

/** Why a label cannot be this; undefined if it can. */
export function labelFault(label: string): string | undefined {
  return simpleName.test(label) ? undefined : `a label is ${simple}`
}

const simpleName = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/
const simple = 'letters, digits and _ . -, a letter or a digit first'
