/** A script as it was written. */
export interface Script {
  /** What it is called in its own messages. */
  readonly name: string
  readonly text: string
}

/**
 * One argument of a program holds less than this on Linux, its closing NUL counted (execve(2), MAX_ARG_STRLEN). A script travels
 * as one.
 */
export const LONGEST_SCRIPT_BYTES = 128 * 1024 - 1

/**
 * Why a text cannot be run as a script, as the end of a sentence that begins with it; undefined: it can.
 *
 * @param bytes of a file or of standard input
 */
export function scriptFault(bytes: Buffer): string | undefined {
  if (bytes.toString('utf8').trim() === '') return 'is empty'
  if (bytes.length > LONGEST_SCRIPT_BYTES)
    return `has more than ${LONGEST_SCRIPT_BYTES} bytes, which is the most that an argument can hold`
  if (bytes.includes(0)) return 'has a NUL byte in it: it is no text'
  if (!Buffer.from(bytes.toString('utf8')).equals(bytes)) return 'is no UTF-8 text'
  return undefined
}

/**
 * Has the kernel's part for `#!` played by Python: the script gets a file without a name, so that nothing of it is left behind
 * however it ends, and its interpreter is told where that is.
 */
const INTERPRET = `import os, sys, tempfile
text, interpreter, option, *arguments = sys.argv[1:]
file = tempfile.TemporaryFile(buffering=0)
file.write(os.fsencode(text))
file.seek(0)
os.set_inheritable(file.fileno(), True)
argv = [interpreter, *([option] if option else []), '/dev/fd/%d' % file.fileno(), *arguments]
try:
    os.execv(interpreter, argv)
except OSError as error:
    print('%s: %s' % (interpreter, error.strerror), file=sys.stderr)
    sys.exit(127)
`

/**
 * The program and arguments that run a script on a host: `/bin/sh`, or what its first line names after `#!`, with at most one
 * argument, as the kernel reads it (execve(2)). Its text is one argument: no shell reads it before that interpreter does.
 *
 * @param args what the script finds in `$1` and on
 */
export function scriptArgv({ name, text }: Script, args: readonly string[]): readonly string[] {
  const [, interpreter, option = ''] =
    /^#![ \t]*([^ \t\r\n]+)(?:[ \t]+([^\r\n]*?))?[ \t]*(?:\r?\n|$)/.exec(text) ?? []
  if (interpreter === undefined) return ['/bin/sh', '-c', text, name, ...args]
  return ['@python', '-I', '-S', '-B', '-X', 'utf8', '-c', INTERPRET, text, interpreter, option, ...args]
}
