import type { ExecStep, HttpProbeStep, LocalStep, Step, UndoStep } from '../model/step.ts'
import { readArgument, readArgv, shortened, titleOfArgv, titleOfScript } from './argv.ts'
import { bootProbeKeys, readBootProbe } from './boot-probe-options.ts'
import { closest } from './closest.ts'
import { probeKeys, readProbe } from './http-probe-options.ts'
import type { Place } from './place.ts'
import { callKeys, readCall } from './read-call.ts'
import { readOptions } from './read-options.ts'
import { readShare } from './read-share.ts'
import { isPlainObject, readFields, readFlag, readList, readText, unexpected } from './readers.ts'
import { readSendFile, sendFileKeys } from './send-file-options.ts'
import { type ExecOptionKey, execOptionKeys, type StepOptionKey, stepOptionKeys } from './step-options.ts'
import { readWriteFile, writeFileKeys } from './write-file-options.ts'

type Options = Readonly<Partial<Record<StepOptionKey, unknown>>>
type ExecOptions = Readonly<Partial<Record<ExecOptionKey, unknown>>>
type ProbeFields = Readonly<Partial<Record<(typeof probeFieldKeys)[number], unknown>>>

const verbs = ['exec', 'script', 'writeFile', 'sendFile', 'httpProbe', 'bootProbe', 'local']

/** A probe starts no program: it has neither variables nor a directory. */
export const probeFieldKeys = [...probeKeys, 'title', 'timeout', 'timeoutOption', 'once', 'undo'] as const

/**
 * A step from outside: as JSON and YAML spell it, `{ "exec": ["make"], "timeout": "30s" }`, or as a constructor
 * returned it. Both go through the same rules, so that an object made by hand is no way around them.
 */
export function readStep(value: unknown, place: Place): Step {
  const step = isPlainObject(value)
    ? (readBuiltStep(value, place) ?? readSpelledStep(value, place))
    : undefined
  if (step !== undefined) return step
  const verb = Object.keys(isPlainObject(value) ? value : {})
    .map(key => closest(key, verbs))
    .find(Boolean)
  const forms = `a step is ${verbs.join(', ')}: { "exec": ["make"] } or exec(['make'])`
  unexpected(value, place, 'a step', verb === undefined ? forms : `did you mean '${verb}'? ${forms}`)
  return readExec(['true'], place, {}, place)
}

function readSpelledStep(value: Readonly<Record<string, unknown>>, place: Place): Step | undefined {
  if (Object.hasOwn(value, 'exec')) {
    const { exec, ...options } = readFields(value, place, ['exec', ...execOptionKeys])
    return readExec(exec, place.at('exec'), options, place)
  }
  if (Object.hasOwn(value, 'script')) {
    const { script, args = [], ...options } = readFields(value, place, ['script', 'args', ...execOptionKeys])
    return readScript(script, args, options, place)
  }
  if (Object.hasOwn(value, 'local')) {
    const { local, ...options } = readFields(value, place, ['local', ...stepOptionKeys])
    return readLocal(local, place.at('local'), options, place)
  }
  if (Object.hasOwn(value, 'httpProbe')) {
    const { httpProbe, ...fields } = readFields(value, place, ['httpProbe', ...probeFieldKeys])
    return readHttpProbe(httpProbe, place.at('httpProbe'), fields, place)
  }
  if (Object.hasOwn(value, 'writeFile')) {
    const {
      writeFile: path,
      text,
      ...fields
    } = readFields(value, place, ['writeFile', 'text', ...writeFileKeys])
    const places = { path: place.at('writeFile'), text: place.at('text') }
    return readWriteFile({ path, text }, places, fields, place, readUndo)
  }
  if (Object.hasOwn(value, 'call')) {
    const hint = 'write the configuration in TypeScript, or run a program: { "local": ["…"] }'
    place.at('call').wrong('call-in-data', 'only TypeScript and JavaScript can write a function', hint)
    return readLocal(['true'], place, {}, place)
  }
  if (Object.hasOwn(value, 'bootProbe')) {
    const { bootProbe, ...fields } = readFields(value, place, ['bootProbe', ...bootProbeKeys])
    return readBootProbe(bootProbe, place.at('bootProbe'), fields, place)
  }
  if (Object.hasOwn(value, 'sendFile')) {
    const { sendFile, ...fields } = readFields(value, place, ['sendFile', ...sendFileKeys])
    return readSendFile(sendFile, place.at('sendFile'), fields, place)
  }
  return undefined
}

/** What a constructor returned: its fields are spelled as options again and read like anybody's. */
function readBuiltStep(value: Readonly<Record<string, unknown>>, place: Place): Step | undefined {
  const { kind, timeoutMs, ...built } = value
  const timeout = asDuration(timeoutMs)
  if (kind === 'exec') {
    const { argv, ...options } = readFields({ ...built, timeout }, place, ['argv', ...execOptionKeys])
    return readExec(argv, place.at('argv'), options, place)
  }
  if (kind === 'local') {
    const { argv, ...options } = readFields({ ...built, timeout }, place, ['argv', ...stepOptionKeys])
    return readLocal(argv, place.at('argv'), options, place)
  }
  if (kind === 'http-probe') {
    const { env, cwd, intervalMs, attemptMs, ...asked } = built
    const spelled = { ...asked, timeout, interval: asDuration(intervalMs), attempt: asDuration(attemptMs) }
    const { url, ...fields } = readFields(spelled, place, ['url', ...probeFieldKeys])
    return readHttpProbe(url, place.at('url'), fields, place)
  }
  return readBuiltOther(value, place)
}

function readBuiltOther(value: Readonly<Record<string, unknown>>, place: Place): Step | undefined {
  const { kind, timeoutMs, ...built } = value
  const timeout = asDuration(timeoutMs)
  if (kind === 'write-file') {
    const { path, text, mode, ...fields } = readFields({ ...built, timeout }, place, [
      'path',
      'text',
      ...writeFileKeys,
    ])
    const spelled = {
      ...fields,
      mode: typeof mode === 'number' ? `0${mode.toString(8).padStart(3, '0')}` : mode,
    }
    const places = { path: place.at('path'), text: place.at('text') }
    return readWriteFile({ path, text }, places, spelled, place, readUndo)
  }
  if (kind === 'boot-probe') {
    const { listen, undo, intervalMs, attemptMs, ...asked } = built
    const spelled = { ...asked, timeout, interval: asDuration(intervalMs), attempt: asDuration(attemptMs) }
    const { argv, ...fields } = readFields(spelled, place, ['argv', ...bootProbeKeys])
    return readBootProbe(argv, place.at('argv'), fields, place)
  }
  if (kind === 'send-file') {
    const { file, name, title } = built
    return readSendFile(file, place.at('file'), { name, title }, place)
  }
  if (kind === 'call') {
    const { cwd, ...written } = built
    const { title, run, ...fields } = readFields({ ...written, timeout }, place, [
      'title',
      'run',
      ...callKeys,
    ])
    return readCall(title, run, fields, place, readUndo)
  }
  return undefined
}

const asDuration = (ms: unknown) => (typeof ms === 'number' ? `${ms}ms` : ms)

/** A program on the host. */
export function readExec(argv: unknown, argvAt: Place, options: ExecOptions, place: Place): ExecStep {
  const read = readArgv(argv, argvAt)
  return execStep(read, titleOfArgv(read), options, place)
}

function execStep(
  argv: readonly string[],
  title: string,
  { share, sudo = false, ...options }: ExecOptions,
  place: Place,
): ExecStep {
  return {
    kind: 'exec',
    argv,
    ...readOptions(options, place, { title }, readUndo),
    sudo: readFlag(sudo, place.at('sudo')),
    share: share === undefined ? undefined : readShare(share, place.at('share')),
  }
}

/** A program on the runner: once for all hosts, unless it says otherwise. */
export function readLocal(argv: unknown, argvAt: Place, options: Options, place: Place): LocalStep {
  const read = readArgv(argv, argvAt)
  return {
    kind: 'local',
    argv: read,
    ...readOptions(options, place, { title: titleOfArgv(read), once: true }, readUndo),
  }
}

/**
 * A script for `/bin/sh`, its values as positional parameters. `-e`: it ends at the first command that fails;
 * `-u`: a variable that is not set is an error (POSIX.1-2017, `set`).
 */
export function readScript(script: unknown, values: unknown, options: ExecOptions, place: Place): ExecStep {
  const text = readText(script, place.at('script'), 'the text of a script')
  const args = readList(values, place.at('args'), 'a list of texts', readArgument)
  const argv = ['/bin/sh', '-eu', '-c', text, 'script', ...args]
  return execStep(argv, titleOfScript(text), options, place)
}

/** A question to a URL, asked from the host itself. */
export function readHttpProbe(url: unknown, urlAt: Place, fields: ProbeFields, place: Place): HttpProbeStep {
  const { title, timeout, timeoutOption, once, undo, ...expected } = fields
  const probe = readProbe(url, urlAt, expected, place)
  const defaults = { title: shortened(`probe ${probe.url}`), timeout: '60s' }
  const options = readOptions({ title, timeout, timeoutOption, once, undo }, place, defaults, readUndo)
  return { kind: 'http-probe', ...probe, ...options }
}

const undoesNothing = {
  'boot-probe': ['boot-probe-undo', 'a bootProbe undoes nothing: it leaves nothing behind'],
  'send-file': ['send-file-undo', 'a sendFile undoes nothing: what it sends is for a build'],
} as const

/** What undoes a step is done once, when everything goes back; an undo of its own would never be. */
export function readUndo(value: unknown, place: Place): UndoStep | false | undefined {
  if (value === undefined || value === false) return value
  const step = readUndoStep(value, place)
  if (step.kind === 'boot-probe' || step.kind === 'send-file') {
    const [code, what] = undoesNothing[step.kind]
    place.wrong(code, what)
    return undefined
  }
  if (step.kind === 'exec' && step.share !== undefined)
    place.at('share').wrong('share-undo', 'what undoes a step is never shared between hosts')
  return step
}

function readUndoStep(value: unknown, place: Place): Step {
  if (!isPlainObject(value) || value['undo'] === undefined || value['undo'] === false)
    return readStep(value, place)
  place.at('undo').wrong('undo-of-undo', 'what undoes a step is not undone itself', 'leave this one out')
  return readStep({ ...value, undo: undefined }, place)
}
