import { readFileSync } from 'node:fs'
import { type ExecOptions, type ExecStep, exec, type Fact, pythonFact } from 'stage-deploy'
import { plainFile } from '../plain-file/source.ts'

/** What may be done on a host, each a program of its own behind what they have in common. */
export type HostProgram = 'facts' | 'activate' | 'put_back' | 'health' | 'look'

/** All of a program is in one text: nothing is installed on a host. */
function source(name: HostProgram): string {
  const read = (part: string) => readFileSync(new URL(`./${part}.py`, import.meta.url), 'utf8')
  return [plainFile(), ...['manager', 'evidence', 'left_alone', name].map(read)].join('\n')
}

/** A step that runs such a program on the host, told what it has to know. */
export const hostStep = (name: HostProgram, told: object, options: ExecOptions): ExecStep =>
  exec(['@python', '-I', '-c', source(name), JSON.stringify(told)], options)

/** The same as a question. A fact in Python has no arguments: what it is told is filled in. */
export const hostFact = <Value>(
  name: HostProgram,
  told: object,
  parse: (out: string) => Value,
): Fact<Value> =>
  pythonFact(`import sys\nsys.argv[1:] = [${JSON.stringify(JSON.stringify(told))}]\n${source(name)}`, parse)
