import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readVariables } from '../../recipes/stage-file/read-variables.ts'
import { HOST_PYTHON } from '../support/requirements.ts'
import { mustRun, runProgram } from '../support/run-program.ts'

/** The variables of a file as a service of supervisord gets them from its shell. */
async function ofSupervisor(text: string): Promise<unknown> {
  const directory = await mkdtemp(join(tmpdir(), 'stage-variables-'))
  try {
    await writeFile(join(directory, 'production.env'), text)
    const print = 'exec /usr/bin/env -0'
    const env = { DEPLOY_SHARED: directory, DEPLOY_STAGE: 'production' }
    const { code, stdout, stderr } = await runProgram(['/bin/sh', '-c', `${readVariables} && ${print}`], {
      env,
    })
    if (code !== 0) return `ended with ${code}: ${stderr}`
    const found = stdout
      .split('\0')
      .filter(entry => !/^(?:DEPLOY_\w+|PWD|OLDPWD|SHLVL|_|)(?:=|$)/.test(entry))
    return Object.fromEntries(found.map(entry => entry.split(/=(.*)/s, 2)))
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** As the programs of the recipe django read them. */
async function ofDjango(text: string): Promise<unknown> {
  const source = await readFile(new URL('../../recipes/django/stage_env.py', import.meta.url), 'utf8')
  const print = 'print(json.dumps(variables(sys.stdin.buffer.read().decode())))'
  return JSON.parse(await mustRun([HOST_PYTHON, '-I', '-c', `${source}\n${print}`], { input: text }))
}

describe('the variables of a stage are read alike by the recipes service and django', () => {
  test.each<[string, string, object]>([
    ['one on a line, without comments', '# A=1\n;B=2\n\nC=3=4\nno value\nD=5', { C: '3=4', D: '5' }],
    ['blanks around', ' A = 1 2 \n\tB=3\t\n', { A: '1 2', B: '3' }],
    ['line ends of Windows', 'A=1\r\nB="2 "\r\nC=\r\n', { A: '1', B: '2 ', C: '' }],
    ['what has no name of a variable', 'export A=1\n2B=3\n=4\nA-B=5\nC=6\n', { C: '6' }],
    [
      'what is escaped between double quotes',
      String.raw`A=" a \"b\" \$c \\ \`d\` \e "`,
      { A: String.raw` a "b" $c \ ${'`'}d${'`'} \e ` },
    ],
    ['what stands between single quotes', `A='"$HOME" \\$'\nB="\n`, { A: '"$HOME" \\$', B: '"' }],
    ['what a shell would run', 'A=$(id)`id`;id\nB=x # y\n', { A: '$(id)`id`;id', B: 'x # y' }],
    ['the last of a name', 'A=1\nname=2\nvalue=3\nA=4\n', { A: '4', name: '2', value: '3' }],
  ])('%s', async (_, text, variables) => {
    expect(await ofSupervisor(text)).toEqual(variables)
    expect(await ofDjango(text)).toEqual(variables)
  })
})
