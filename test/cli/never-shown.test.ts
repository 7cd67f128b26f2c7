import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorLines } from '../../src/cli/error-lines.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { loadToolModules } from '../../src/tool-modules.ts'
import { makeScratchDirectory, type ScratchDirectory } from '../support/scratch-directory.ts'
import { aTerminal } from './support/a-terminal.ts'

// What is written as a password is never shown: not where it is of no use, not where a sign is missing beside it.

/** A word that could be anything, and one with every sign that ends something somewhere. */
const passwords = ['S3cr3tWord', 'S3cr3t:/wo@rd!']
const traces = /S3cr3t|wo@rd|Word/

let scratch: ScratchDirectory
let modules: ReadonlyMap<string, unknown>
let directories = 0
beforeAll(async () => {
  scratch = await makeScratchDirectory()
  modules = await loadToolModules()
}, 60_000)
afterAll(async () => scratch[Symbol.asyncDispose](), 60_000)

/** What somebody sees who runs any command with these files. */
async function shown(files: Readonly<Record<string, string>>): Promise<string> {
  directories += 1
  const directory = join(scratch.path, `${directories}`)
  mkdirSync(directory)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  try {
    await loadConfig({ cwd: directory, home: '/home/ana', modules })
    return 'nothing is wrong'
  } catch (error) {
    return errorLines(aTerminal({}, false).around, error).join('\n')
  } finally {
    rmSync(directory, { recursive: true })
  }
}

type Written = Readonly<Record<string, unknown>>

const good: Written = {
  project: 'shop',
  hosts: { web1: 'deploy@web1.example.com' },
  stages: { production: { hosts: ['web1'] } },
}
const withStage = (stage: Written): Written => ({
  ...good,
  stages: { production: { hosts: ['web1'], ...stage } },
})
const withHost = (host: unknown): Written => ({ ...good, hosts: { web1: host } })
const withStep = (step: unknown): Written => ({ ...good, verify: [step] })
const withRecipe = (recipe: unknown): Written => ({ ...good, recipes: [recipe] })

/** Where a password was put, each by a mistake that somebody makes. */
const places: Readonly<Record<string, (password: string) => Written>> = {
  'a host': it => withHost(`deploy:${it}@web1.example.com`),
  'a host with its port': it => withHost(`deploy:${it}@web1.example.com:22`),
  'a host in a URL': it => withHost(`ssh://deploy:${it}@web1.example.com:22`),
  'a host, a blank in it': it => withHost(`deploy:my ${it}@web1.example.com`),
  'an address': it => withHost({ address: `deploy:${it}@web1` }),
  'a user': it => withHost({ address: 'web1', user: `deploy:${it}` }),
  'a port': it => withHost({ address: 'web1', port: it }),
  'a jump host': it => withHost({ address: 'web1', jump: `deploy:${it}@gate,b` }),
  'a password of a host': it => withHost({ address: 'web1', password: it }),
  'a label': it => withHost({ address: 'web1', labels: [`a ${it}`] }),
  'a Python': it => withHost({ address: 'web1', python: `-${it}` }),
  'a client': it => withHost({ address: 'web1', client: it }),
  'the name of a host': it => ({ ...good, hosts: { [`deploy:${it}@web1`]: 'web1' } }),
  'ssh.user': it => ({ ...good, ssh: { user: `deploy:${it}` } }),
  'ssh.password': it => ({ ...good, ssh: { password: it } }),
  'ssh.hostKeys': it => ({ ...good, ssh: { hostKeys: it } }),
  'a timeout': it => ({ ...good, ssh: { connectTimeout: it } }),
  'ssh itself': it => ({ ...good, ssh: it }),
  project: it => ({ ...good, project: `${it}!` }),
  root: it => ({ ...good, root: `deploy:${it}@web1:/srv` }),
  'the name of a stage': it => ({ ...good, stages: { [`deploy:${it}@web1`]: { hosts: ['web1'] } } }),
  'a host of a stage': it => withStage({ hosts: [`deploy:${it}@web1`] }),
  'a channel': it => withStage({ accepts: [it] }),
  'how many': it => withStage({ keepRevisions: it }),
  'a shared path': it => ({ ...good, shared: { files: [`/etc/${it}/`] } }),
  'a shared URL': it => ({ ...good, shared: { files: [`https://u:${it}@host/`] } }),
  'a version': it => ({ ...good, version: it }),
  'a version command': it => ({ ...good, version: { command: `curl -u u:${it}` } }),
  'a version pattern': it => ({ ...good, version: { file: 'x', pattern: `${it}(` } }),
  artifact: it => ({ ...good, artifact: { sdist: 5, build: `curl --token ${it}` } }),
  'a list in place of a variable': it => ({ ...good, env: { DATABASE_URL: [`postgres://u:${it}@db/x`] } }),
  'a variable that cannot be': it => ({ ...good, env: { 'DATABASE-URL': `postgres://u:${it}@db/x` } }),
  'a variable that is set': it => ({ ...good, env: { DEPLOY_STAGE: it } }),
  'a variable with a NUL': it => ({ ...good, env: { PASSWORD: `${it}\0` } }),
  'all variables': it => ({ ...good, env: `PASSWORD=${it}` }),
  'a secret of a value': it => ({ ...good, env: { PASSWORD: { secret: `${it} x` } } }),
  'a secret and its value': it => ({ ...good, env: { PASSWORD: { secret: 'PASSWORD', value: it } } }),
  'a secret of two places': it => ({
    ...good,
    env: { PASSWORD: { secret: 'PASSWORD', file: it, command: [it] } },
  }),
  'an argument': it => withStep({ exec: ['mysql', { secret: it }] }),
  'a command': it => withStep({ exec: `mysql -p${it}` }),
  'a directory': it => withStep({ exec: ['true'], cwd: `../${it}` }),
  'a title': it => withStep({ exec: ['true'], title: `${it}\n` }),
  'a step': it => withStep(`mysql --password=${it}`),
  once: it => withStep({ exec: ['true'], once: `u:${it}@web1` }),
  'a template': it => withStep({ writeFile: 'x', text: `{{ '${it}' }}` }),
  'a mode': it => withStep({ writeFile: 'x', text: '', mode: it }),
  'a probe': it => withStep({ httpProbe: `http://u:${it}@127.0.0.1/` }),
  'a probe of no URL': it => withStep({ httpProbe: `u:${it}@127.0.0.1` }),
  'a header': it =>
    withStep({
      httpProbe: 'http://127.0.0.1/',
      headers: { Authorization: [`Bearer ${it}`] },
    }),
  'a header with a line break': it =>
    withStep({
      httpProbe: 'http://127.0.0.1/',
      headers: { Authorization: `Bearer ${it}\n` },
    }),
  'a pattern': it => withStep({ httpProbe: 'http://127.0.0.1/', matches: `${it}(` }),
  'a status': it => withStep({ httpProbe: 'http://127.0.0.1/', status: it }),
  'a slot': it => ({ ...good, hooks: { [`u:${it}@activate`]: [] } }),
  'a recipe': it => withRecipe(`https://u:${it}@host/`),
  'the index': it => withRecipe({ python: { index: `https://u:${it}@pypi.example.com/simple` } }),
  'a token for an index': it => withRecipe({ python: { index: `https://${it}@pypi.example.com/simple` } }),
  'an argument of pip': it => withRecipe({ python: { pipArgs: ['-i', `https://u:${it}@host/`] } }),
  'an option of python': it => withRecipe({ python: { token: it, requires: it } }),
  'a question of http': it => withRecipe({ http: { url: `http://u:${it}@127.0.0.1/` } }),
  'a webhook': it => withRecipe({ notify: { url: `hooks.example.com/${it}` } }),
  'a webhook with a user': it => withRecipe({ notify: { url: `https://u:${it}@hooks.example.com/` } }),
  'a wrong option beside a webhook': it =>
    withRecipe({ notify: { url: `https://hooks.example.com/T/${it}?t=${it}`, onn: [it] } }),
  'an unknown key': it => ({ ...good, password: it, token: { value: it } }),
  'the configuration': it => ({ stage: it }),
}

/** Every format that there is a configuration in. */
const formats: Readonly<Record<string, (written: Written) => string>> = {
  'stage.config.ts': written => `export default ${JSON.stringify(written, undefined, 2)} as const`,
  'stage.config.mts': written => `export default ${JSON.stringify(written)}`,
  'stage.config.js': written => `module.exports = { default: ${JSON.stringify(written)} }`,
  'stage.config.mjs': written => `export default ${JSON.stringify(written)}`,
  'stage.config.json': written => JSON.stringify(written),
  'stage.config.yaml': written => block(written),
  'stage.config.yml': written => JSON.stringify(written, undefined, 2),
  'package.json': written => JSON.stringify({ name: 'x', stage: written }),
}

/** YAML as people write it: one line for each key. */
function block(value: unknown, indent = ''): string {
  if (typeof value !== 'object' || value === null) return ` ${JSON.stringify(value)}\n`
  const lines = Array.isArray(value)
    ? value.map(item => `${indent}-${block(item, `${indent}  `)}`)
    : Object.entries(value).map(
        ([key, item]) => `${indent}${JSON.stringify(key)}:${block(item, `${indent}  `)}`,
      )
  return `${lines.length === 0 ? (Array.isArray(value) ? ' []' : ' {}') : ''}\n${lines.join('')}`
}

describe.each(Object.keys(places))('a password as %s', place => {
  test.each(Object.keys(formats))('%s', async file => {
    for (const password of passwords) {
      const text = formats[file]?.(places[place]?.(password) ?? {}) ?? ''
      const said = await shown({ [file]: text })
      if (password === passwords[0]) expect(said).toMatch(/^error: /)
      expect(said).not.toMatch(traces)
    }
  })
})

/** Lines that have a password; each of them is good where it stands in an object of JavaScript. */
const lines: Readonly<Record<string, (password: string) => string>> = {
  'a host': it => `web1: 'deploy:${it}@web1',`,
  'a key': it => `password: '${it}',`,
  'a key of no name': it => `thing: "${it}",`,
  'a URL': it => `DATABASE_URL: 'postgres://u:${it}@db/x',`,
  'a comment': it => `// ask for ${it}`,
  'a comment of lines': it => `/* ask\n   for ${it} */`,
  'a template': it => `thing: \`${it}\`,`,
  'a template of lines': it => `thing: \`one\n  ${it}\n\`,`,
  'an argument': it => `thing: ['curl', '-u', 'u:${it}'],`,
}

/** How the file is broken, in the line itself or beside it. */
const breaks: Readonly<Record<string, (line: string) => string>> = {
  'a sign too many before it': line => `const a = { ] ${line} }`,
  'a sign too many behind it': line => `const a = { ${line}\n ] }`,
  'the line above': line => `const a = { b c,\n${line} }`,
  'the line below': line => `const a = {\n${line}\n b c }`,
  'no first quote': line => `const a = {\n${line.replace(/['"`]/, '')}\n}`,
  'no last quote': line => `const a = {\n${line.replace(/(['"`])([^'"`]*)$/, '$2')}\n}`,
  'no quotes': line => `const a = {\n${line.replace(/['"`]/g, '')}\n}`,
  'no beginning of the comment': line => `const a = {\n${line.replace(/\/\/|\/\*/, '')}\n}`,
  'no end of the comment': line => `const a = {\n${line.replace('*/', '')}\n}`,
  'no comma': line => `const a = {\n${line.replace(/,$/, '')} b: 1 }`,
  'no end': line => `const a = {\n${line}`,
  'a quote above': line => `const a = {\n b: \`,\n${line}\n c: \`d\` }`,
  'a name that is not defined': line => `const a = {\n${line}\n}; nme()`,
  'an import that is not there': line => `import './nothing.ts'\nconst a = {\n${line}\n}`,
  'a throw in the line': line => `const a = {\n${line} [(() => { throw new Error('no') })()]: 1 }`,
}

describe.each(Object.keys(breaks))('a source with %s', broken => {
  test.each(['stage.config.ts', 'stage.config.mts', 'stage.config.js', 'stage.config.mjs'])(
    '%s',
    async file => {
      for (const [name, line] of Object.entries(lines))
        for (const password of passwords) {
          const text = breaks[broken]?.(line(password)) ?? ''
          const said = await shown({ [file]: `${text}\n` })
          expect([name, said]).not.toEqual([name, expect.stringMatching(traces)])
          expect(said).toMatch(/^error: .*(stage\.config|default export)/)
        }
    },
  )
})

describe('code that throws', () => {
  const as = 'const password = '
  test.each<readonly [string, (password: string) => string]>([
    ['what it was given', it => `${as}'${it}'\nthrow new Error('no login with ' + password)`],
    ['a URL', it => `throw new Error('cannot reach postgres://u:${it}@db/x')`],
    ['a command', it => `throw new Error('Command failed: mysql --password ${it} shop')`],
    ['a text', it => `throw '${it}'`],
    ['an object', it => `throw { password: '${it}', deep: ['${it}'] }`],
    ['an object that has itself', it => `const a = { t: '${it}' }; a.a = a; throw a`],
    [
      'an error of a kind of its own',
      it => `${as}'${it}'\nthrow Object.assign(new Error(password), { password })`,
    ],
    ['a TypeError of the engine', it => `'${it}'()`],
    ['another', it => `null['${it}'.length].x\n'${it}'.go()`],
    ['a name without quotes', it => `const a = { password: ${it.replace(/\W/g, '')} }`],
    ['JSON that is none', it => `JSON.parse('{ "password": "${it}", }')`],
    ['JSON that is a word', it => `JSON.parse('${it}')`],
    ['a URL that is none', it => `new URL('deploy ${it}')`],
    ['a pattern that is none', it => `new RegExp('"${it}(')`],
    ['a later promise', it => `${as}'${it}'\nawait Promise.reject(new Error(password))`],
    ['secret() of a value', it => `import { secret } from 'stage-deploy'\nsecret('${it} x')`],
    ['secret() of an object', it => `import { secret } from 'stage-deploy'\nsecret({ password: '${it}' })`],
    ['exec() of a secret', it => `import { exec } from 'stage-deploy'\nexec(['x', { secret: '${it}' }])`],
    ['exec() of a text', it => `import { exec } from 'stage-deploy'\nexec('mysql -p${it}')`],
    ['httpProbe()', it => `import { httpProbe } from 'stage-deploy'\nhttpProbe('http://u:${it}@h/')`],
    ['webhook()', it => `import { webhook } from 'stage-deploy'\nwebhook('hooks/${it}')`],
    [
      'python()',
      it => `import { python } from 'stage-deploy/recipes/python'\npython({ index: 'https://u:${it}@h/' })`,
    ],
  ])('%s', async (_what, code) => {
    for (const password of passwords)
      for (const file of ['stage.config.ts', 'stage.config.mjs']) {
        const said = await shown({ [file]: `${code(password)}\nexport default {}\n` })
        expect(said).toMatch(/^error: .*stage\.config/)
        expect(said).not.toMatch(traces)
      }
  })

  test('in a file that is imported, with what stands in another one', async () => {
    for (const password of passwords) {
      const said = await shown({
        'stage.config.ts':
          "import { login } from './login.ts'\nimport { password } from './keys.ts'\nlogin(password)\nexport default {}",
        'login.ts': "export function login(x: string) { throw new Error('no login: ' + x) }",
        'keys.ts': `export const password = '${password}'`,
      })
      expect(said).toMatch(/login\.ts:1: no login: \[hidden\]/)
      expect(said).not.toMatch(traces)
    }
  })
})

describe('broken data', () => {
  test.each<readonly [string, string, (password: string) => string]>([
    ['json', 'no comma', it => `{ "password": "${it}" "b": 1 }`],
    ['json', 'no quotes', it => `{ "password": ${it} }`],
    ['json', 'no first quote', it => `{ "password": ${it}" }`],
    ['json', 'no last quote', it => `{ "password": "${it} }`],
    ['json', 'other quotes', it => `{ "password": '${it}' }`],
    ['json', 'a comment', it => `{ // ${it}\n "b": 1 }`],
    ['json', 'a line break in it', it => `{ "password": "${it}\n" }`],
    ['json', 'a text', it => it],
    ['json', 'something behind it', it => `{ "password": "${it}" } ${it}`],
    ['yaml', 'no last quote', it => `password: "${it}\nb: 1`],
    ['yaml', 'two values', it => `a: b: ${it}`],
    ['yaml', 'an alias that is not there', it => `password: *${it.replace(/\W/g, '')}`],
    ['yaml', 'a tag', it => `password: !${it} x`],
    ['yaml', 'another tag', it => `password: !<${it}> x`],
    ['yaml', 'a key twice', it => `"${it}": 1\n"${it}": 2`],
    ['yaml', 'a block below a wrong line', it => `a: |\n  ${it}\n b: c\n`],
    ['yaml', 'a folded block', it => `a: >-9x\n  ${it}\n`],
    ['yaml', 'an anchor', it => `a: &x\n  password: ${it}\nb: *y\n`],
    ['yaml', 'a merge', it => `a: &x\n  - ${it}\nb:\n  <<: *x\n`],
    ['yaml', 'a tab', it => `a:\n\tpassword: ${it}\n`],
    ['yaml', 'a flow that does not end', it => `a: { password: ${it}\nb: c\n`],
    ['yaml', 'a comment', it => `a: [ # ${it}\nb: ]c\n`],
    ['yaml', 'two documents', it => `a: ${it}\n---\nb: ${it}\n`],
    ['yaml', 'a text', it => it],
    ['yaml', 'a directive', it => `%${it} x\n---\na: 1\n`],
  ])('%s: %s', async (extension, _what, text) => {
    const names =
      extension === 'json' ? ['stage.config.json', 'package.json'] : ['stage.config.yaml', 'stage.config.yml']
    for (const password of passwords)
      for (const name of names) {
        const said = await shown({ [name]: text(password) })
        expect(said).toMatch(/^error: /)
        expect(said).not.toMatch(traces)
      }
  })
})
