import type { BootProbeStep } from '../model/step.ts'
import { type AnswerOptions, answerKeys } from './answer-options.ts'
import { readArgv, shortened, titleOfArgv } from './argv.ts'
import type { HttpProbeOptions } from './http-probe-options.ts'
import { readExpected } from './http-probe-options.ts'
import type { Place } from './place.ts'
import { readOptions } from './read-options.ts'
import { readText, unexpected } from './readers.ts'
import type { StepOptions } from './step-options.ts'

/** How the revision is started, what it is asked, and which answer is good. Its timeout is 60 seconds by default. */
export interface BootProbeOptions
  extends Omit<StepOptions, 'undo'>,
    AnswerOptions,
    Pick<HttpProbeOptions, 'headers' | 'interval' | 'attempt'> {
  /** What is asked for. Default: `/`. */
  readonly path?: `/${string}`
}

export const bootProbeKeys = [
  'path',
  ...answerKeys,
  'headers',
  'interval',
  'attempt',
  'title',
  'timeout',
  'timeoutOption',
  'env',
  'cwd',
  'once',
] as const
type Fields = Readonly<Partial<Record<(typeof bootProbeKeys)[number], unknown>>>

/** A program that is started, asked and ended. It has to be told where to listen. */
export function readBootProbe(argv: unknown, argvAt: Place, fields: Fields, place: Place): BootProbeStep {
  const {
    title,
    timeout,
    timeoutOption,
    env,
    cwd,
    once,
    path = '/',
    interval = '250ms',
    ...expected
  } = fields
  const program = readArgv(argv, argvAt)
  const words = shortened(`boot ${titleOfArgv(program)}`)
  const given = { title, timeout, timeoutOption, env, cwd, once }
  const options = readOptions(given, place, { title: words, timeout: '60s' }, () => undefined)
  const values = Object.values(options.env).filter(value => typeof value === 'string')
  return {
    kind: 'boot-probe',
    argv: program,
    listen: readListen([...program, ...values], argvAt),
    path: readPath(path, place.at('path')),
    ...readExpected({ ...expected, interval }, place),
    ...options,
  }
}

/** A program that listens where it always does would meet the live one there. */
function readListen(texts: readonly string[], place: Place): BootProbeStep['listen'] {
  const [port, socket] = ['{port}', '{socket}'].map(word => texts.some(text => text.includes(word)))
  if (port === true && socket === true)
    place.wrong('listen-twice', 'it is told a {port} and a {socket}', 'leave one of them out')
  if (port !== true && socket !== true && texts.length > 0) {
    const hint = "write {port} or {socket} into an argument or a variable: ['--bind', '127.0.0.1:{port}']"
    place.wrong('listen-nowhere', 'it is not told where to listen, beside the live one', hint)
  }
  return socket === true ? 'socket' : 'port'
}

function readPath(value: unknown, place: Place): string {
  const path = readText(value, place, 'the path of a URL')
  if (path !== '' && !/^\/[!-~]*$/.test(path))
    unexpected(path, place, "the path of a URL: it begins with '/', and has no blanks")
  return path
}
