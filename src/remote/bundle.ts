import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import { loginShellWord } from './login-shell-word.ts'

/** The remote end as it travels: deflated Python source, to be executed by the bootstrap. */
export interface Program {
  readonly bytes: Uint8Array
}

/**
 * What `python3 -c` is given; its arguments are the size of the program, the nonce, and the words of its messages
 * (it cannot quote them itself). Valid in every Python 3. It says that it listens: until then nothing is sent, for
 * nobody knows what a login starts in its place. It reads until it has all of the program or there is no more, and
 * not one byte of what follows: that belongs to the program.
 */
const BOOTSTRAP = [
  'import os,sys,zlib',
  'a=sys.argv',
  'sys.version_info<(3,8) and sys.exit(print(a[3],a[2],a[4],sys.version.split()[0]))',
  'print(a[3],a[2],a[5],flush=True)',
  'n=int(a[1])',
  'b=bytearray()',
  'list(map(b.extend,iter(lambda:os.read(0,n-len(b)),bytes())))',
  'len(b)<n and sys.exit(1)',
  'exec(zlib.decompress(b))',
].join(';')

/**
 * The line for the login shell of a host, whichever that is: sh, dash, BusyBox ash, bash, zsh, csh, tcsh or fish.
 * The shell is replaced, so that nothing stands between the connection and the remote end. `-X utf8`: names in paths and
 * arguments are the same bytes whatever locale the login has (PEP 540); a Python that does not know it passes over it.
 *
 * @throws StageError `config` for a `python` that cannot be written for all of these shells
 */
export function startCommand(start: {
  readonly python: string
  readonly program: Program
  readonly nonce: string
}): string {
  const { python, program, nonce } = start
  const size = program.bytes.length
  // In this order a shell that prints its command line does not print a message of ours.
  return `exec ${loginShellWord(python)} -I -S -B -X utf8 -c '${BOOTSTRAP}' ${size} ${nonce} stage-deploy python listening`
}

/** The modules of the package `end` (file name → source) and the source that makes them importable, as one program. */
export async function bundle(modules: Readonly<Record<string, string>>, loader: string): Promise<Program> {
  // A JSON object of strings is a Python dict of the same strings: both spell every escape alike.
  const source = `SOURCES = ${JSON.stringify(modules)}\n${loader}`
  return { bytes: await promisify(deflate)(source) }
}

let program: Promise<Program> | undefined

/** The program that runs on hosts, read and packed once: it is the same for all of them. */
export function remoteProgram(): Promise<Program> {
  program ??= readProgram(new URL('./end/', import.meta.url))
  return program
}

async function readProgram(folder: URL): Promise<Program> {
  const files = (await readdir(folder)).filter(file => file.endsWith('.py')).toSorted()
  const sources = await Promise.all(
    files.map(async file => [file, await readFile(new URL(file, folder), 'utf8')] as const),
  )
  const { 'loader.py': loader, ...modules } = Object.fromEntries(sources)
  if (loader === undefined) throw new Error(`${folder.pathname} has no loader.py: the package is incomplete`)
  return bundle(modules, loader)
}
