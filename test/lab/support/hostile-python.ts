import { join } from 'node:path'
import type { Fleet } from '../../support/fleet.ts'

/** A text of the remote end's program, and what stands there instead. */
export type Edit = readonly [old: string, instead: string]

/**
 * Puts a program on a host that is started where its Python should be, and runs the remote end that it is sent,
 * changed: a host that answers what it likes.
 *
 * @returns its path, for `hosts.NAME.python`
 */
export async function hostilePython(fleet: Fleet, host: string, edits: readonly Edit[]): Promise<string> {
  const path = join(fleet.host(host).root, `python-${edits.map(([old]) => old.length).join('-')}`)
  const write = ['/bin/sh', '-c', 'cat > "$1" && chmod 755 "$1"', 'sh', path]
  const { code, stderr } = await fleet.host(host).run(write, { input: program(edits) })
  if (code !== 0) throw new Error(`${host}: ${stderr}`)
  return path
}

const program = (edits: readonly Edit[]) => `#!/usr/bin/python3 -ISB
import json, os, sys, zlib

argv = sys.argv[sys.argv.index('-c') + 1:]
print(argv[3], argv[2], argv[5], flush=True)
packed = b''
while len(packed) < int(argv[1]):
    packed += os.read(0, int(argv[1]) - len(packed))
source = zlib.decompress(packed).decode()
for old, instead in json.loads(${JSON.stringify(JSON.stringify(edits))}):
    old, instead = (json.dumps(text)[1:-1] for text in (old, instead))
    assert source.count(old) == 1, old
    source = source.replace(old, instead)
sys.argv = ['-c', *argv[1:]]
exec(source, {'__name__': '__main__'})
`
