import { readFileSync } from 'node:fs'
import { plainFile } from '../plain-file/source.ts'

/** What runs on hosts, each a program of its own behind `stage_env.py`; `manage` has `migrations.py` before it. */
export type HostProgram = 'keys' | 'print_key' | 'keep_key' | 'manage'

/**
 * The arguments of a Python that run such a program, told what it has to know. It is isolated (no user site, no PYTHON*
 * variables, no current directory on the path) and leaves no byte code in a revision. All of it is in one text: nothing is
 * installed on a host.
 */
export const pythonArguments = (name: HostProgram, told: object): readonly string[] => [
  '-I',
  '-B',
  '-c',
  sourceOf(name),
  JSON.stringify(told),
]

function sourceOf(name: HostProgram): string {
  const read = (part: string) => readFileSync(new URL(`./${part}.py`, import.meta.url), 'utf8')
  const parts = ['stage_env', ...(name === 'manage' ? ['migrations'] : []), name]
  return [plainFile(), ...parts.map(read)].join('\n')
}
