import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Fleet } from '../../support/fleet.ts'
import { mustRun } from '../../support/run-program.ts'

const WHEELS = '/usr/share/python-wheels'

/** This machine, as the host that builds sees it: the other end of its cable, or the loopback interface itself. */
export const runnerOf = (fleet: Fleet): string =>
  fleet
    .host('web1')
    .address.replace(/^198\.(.*)\.(\d+)$/, (_all, network, end) => `198.${network}.${Number(end) - 1}`)

/** What a request was for, and every argument list of this machine by then. */
interface Asked {
  readonly what: string
  readonly list: string
}

export interface PrivateIndex {
  /** `ADDRESS:PORT`, as the host that builds sees it. */
  readonly place: string
  /** What those were given who have the password, in order. */
  readonly asked: Asked[]
}

/**
 * An index (PEP 503) of Debian's own wheels and of files of the test, for those who have the password. It is at every path,
 * `/links` excepted, which is one page of everything, and it is a proxy too: of the index at any host.
 */
export async function privateIndex(
  fleet: Fleet,
  user: string,
  own: Readonly<Record<string, Buffer>> = {},
): Promise<PrivateIndex> {
  const asked: Asked[] = []
  const basic = `Basic ${Buffer.from(user).toString('base64')}`
  const files = [...(await readdir(WHEELS)), ...Object.keys(own)]
  const server = createServer(async (request, response) => {
    const list = await mustRun(['ps', '-eww', '-o', 'args'])
    const { pathname, host } = new URL(request.url ?? '', 'http://index')
    const isProxy = host !== 'index'
    const given = request.headers[isProxy ? 'proxy-authorization' : 'authorization']
    if (given !== basic) {
      const challenge = { [isProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate']: 'Basic realm="index"' }
      response.writeHead(isProxy ? 407 : 401, challenge).end()
      return
    }
    const [, first, name = '', file = ''] = pathname.split('/')
    asked.push({ what: file === '' ? name : file, list })
    if (file !== '') {
      response.end(own[file] ?? (await readFile(join(WHEELS, file))))
      return
    }
    const named = files.filter(one => first === 'links' || one.startsWith(`${name}-`))
    const anchors = named.map(one => `<a href="/all/${one.split('-')[0]}/${one}">${one}</a>`)
    response.setHeader('Content-Type', 'text/html')
    response.end(`<!DOCTYPE html><html><body>${anchors.join('')}`)
  })
  await new Promise<void>(listening => server.listen(0, listening))
  afterAll(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { place: `${runnerOf(fleet)}:${port}`, asked }
}
