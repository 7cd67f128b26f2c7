import { type Step, secret } from 'stage-deploy'
import { describe, expect, test } from 'vitest'
import { hostProgram } from '../../recipes/python/host-program.ts'
import type { PythonOptions } from '../../recipes/python/options.ts'
import { python } from '../../recipes/python.ts'
import { aContext, aPython } from './contexts.ts'

const programs = ['discover', 'guarded_pip', 'install', 'make_environment', 'installed', 'unpack_pip']

/** A command as it is run, the text of our own programs by its name. */
function commandOf(step: Step): string {
  if (step.kind === 'send-file') return `send ${step.file} to ${step.name}`
  if (step.kind !== 'exec') throw new Error(`a step of the kind ${step.kind}`)
  const named = step.argv.map(word => {
    const program = programs.find(name => hostProgram(name) === word)
    return program === undefined ? word : `<${program}.py>`
  })
  return named
    .join(' ')
    .replaceAll('/var/webcode/My.Shop-1.4.0', '$REV')
    .replaceAll('/var/webcode/.stage', '$STAGE')
}

const stepsOf = (slot: 'build' | 'verify', options: PythonOptions = {}) =>
  python(options).steps(aContext([aPython('3.11.2')]))[slot] ?? []

const shown = (slot: 'build' | 'verify', options: PythonOptions = {}) =>
  stepsOf(slot, options)
    .map(step => `${step.title}\n  ${commandOf(step)}`)
    .join('\n')

describe('the build', () => {
  test('makes the environment where it will run, without pip in it, from the sdist with its hash', () => {
    expect(shown('build')).toMatchInlineSnapshot(`
      "create .env with Python 3.11.2
        /usr/bin/python3.11 -I -c <make_environment.py> .env --without-pip --prompt My.Shop-1.4.0 $REV/.env
      unpack pip 23.0.1
        $REV/.env/bin/python -I -c <unpack_pip.py> /usr/share/python-wheels/pip-23.0.1-py3-none-any.whl $STAGE/incoming/My.Shop-1.4.0.products/.pip-23.0.1
      build wheels of the project and all it needs
        $REV/.env/bin/python -I -c <guarded_pip.py> $STAGE/incoming/My.Shop-1.4.0.products/.pip-23.0.1/pip wheel --disable-pip-version-check --no-input --no-color --wheel-dir $STAGE/incoming/My.Shop-1.4.0.products/wheels --progress-bar off My.Shop @ file://$STAGE/sdists/My.Shop-1.4.0.tar.gz#sha256=ab12
      install exactly these wheels
        $REV/.env/bin/python -I -c <install.py> $STAGE/incoming/My.Shop-1.4.0.products/.pip-23.0.1/pip .env $STAGE/incoming/My.Shop-1.4.0.products/wheels"
    `)
  })

  test('of extras, with more arguments for pip', () => {
    const options = { extras: ['web', 'pg'], pipArgs: ['--no-index', '--find-links', '/srv/wheels'] }
    expect(stepsOf('build', options).slice(2, 3).map(commandOf)).toMatchInlineSnapshot(`
      [
        "$REV/.env/bin/python -I -c <guarded_pip.py> $STAGE/incoming/My.Shop-1.4.0.products/.pip-23.0.1/pip wheel --disable-pip-version-check --no-input --no-color --wheel-dir $STAGE/incoming/My.Shop-1.4.0.products/wheels --progress-bar off --no-index --find-links /srv/wheels My.Shop[web,pg] @ file://$STAGE/sdists/My.Shop-1.4.0.tar.gz#sha256=ab12",
      ]
    `)
  })

  test('with a lock file takes what it names and resolves nothing else', () => {
    expect(
      stepsOf('build', { requirements: 'requirements.lock' }).slice(2, 4).map(commandOf),
    ).toMatchInlineSnapshot(`
      [
        "$REV/.env/bin/python -I -c <guarded_pip.py> $STAGE/incoming/My.Shop-1.4.0.products/.pip-23.0.1/pip wheel --disable-pip-version-check --no-input --no-color --wheel-dir $STAGE/incoming/My.Shop-1.4.0.products/wheels --progress-bar off --no-deps My.Shop @ file://$STAGE/sdists/My.Shop-1.4.0.tar.gz#sha256=ab12",
        "$REV/.env/bin/python -I -c <guarded_pip.py> $STAGE/incoming/My.Shop-1.4.0.products/.pip-23.0.1/pip wheel --disable-pip-version-check --no-input --no-color --wheel-dir $STAGE/incoming/My.Shop-1.4.0.products/locked-wheels --progress-bar off --requirement requirements.lock",
      ]
    `)
  })

  const shares = (options: PythonOptions, pythons = [aPython('3.11.2')]) =>
    (python(options).steps(aContext(pythons)).build ?? []).flatMap(step =>
      step.kind === 'exec' && step.share !== undefined ? [step.share] : [],
    )

  test('of wheels is shared by all hosts on which they can be installed', () => {
    expect(shares({ requirements: 'requirements.lock', pipArgs: ['--no-index'] })).toMatchInlineSnapshot(`
      [
        {
          "builder": undefined,
          "builderOption": "python({ builder })",
          "inputs": [
            "--no-index",
            "--no-deps",
          ],
          "key": "cpython 3.11, cpython-311-x86_64-linux-gnu, linux-x86_64-glibc-2.36",
          "name": "wheels",
        },
        {
          "builder": undefined,
          "builderOption": "python({ builder })",
          "inputs": [
            "--no-index",
            "--requirement",
            "requirements.lock",
          ],
          "key": "cpython 3.11, cpython-311-x86_64-linux-gnu, linux-x86_64-glibc-2.36",
          "name": "locked-wheels",
        },
      ]
    `)
  })

  test.each([
    ['X.Y', aPython('3.12.1', { abi: 'cpython-311-x86_64-linux-gnu' })],
    ['implementation', aPython('3.11.2', { implementation: 'pypy', path: '/opt/python' })],
    ['ABI', aPython('3.11.2', { abi: 'cpython-311d-x86_64-linux-gnu' })],
    ['platform or C library', aPython('3.11.2', { platform: 'linux-x86_64-glibc-2.31' })],
  ])('is not shared with a host of another %s', (_what, other) => {
    const keyOf = (interpreter: ReturnType<typeof aPython>) =>
      shares({ interpreter: '/opt/python' }, [{ ...interpreter, path: '/opt/python' }])[0]?.key
    expect(keyOf(other)).not.toBe(keyOf(aPython('3.11.2')))
  })

  test('is shared whatever the patch release, the path and the pip of a host', () => {
    const [own] = shares({}, [aPython('3.11.2')])
    const pipWheel = '/opt/pip-25.1-py3-none-any.whl'
    expect(shares({}, [aPython('3.11.9', { path: '/opt/bin/python3.11', pipWheel })])).toEqual([own])
  })

  test('is left to each host where that is asked for', () => {
    expect(shares({ build: 'per-host' })).toEqual([])
  })

  test('never reads the pip configuration of the host', () => {
    const unprotected = [...stepsOf('build'), ...stepsOf('verify')].filter(
      step => /\/pip( |$)/.test(commandOf(step)) && step.env['PIP_CONFIG_FILE'] !== '/dev/null',
    )
    expect(unprotected).toStrictEqual([])
  })

  test('gets its index by environment, and only where packages are fetched', () => {
    const index = secret('SHOP_INDEX')
    const withIndex = stepsOf('build', { index }).filter(step => step.env['PIP_INDEX_URL'] !== undefined)
    expect(withIndex.map(({ title, env }) => [title, env['PIP_INDEX_URL']])).toStrictEqual([
      ['build wheels of the project and all it needs', index],
    ])
    expect(stepsOf('build', { index }).map(commandOf).join('\n')).not.toMatch(/SHOP_INDEX/)
  })
})

describe('a host that has no pip', () => {
  const bare = aPython('3.11.2', { pipWheel: undefined })
  const pip = 'vendor/pip-24.0-py3-none-any.whl'
  const context = aContext([bare], { others: [[aPython('3.11.2')]] })

  test('is sent one where there is one to send, and builds with it', () => {
    const recipe = python({ pip })
    expect(recipe.check(context)).toEqual([])
    expect((recipe.steps(context).build ?? []).slice(0, 4).map(commandOf)).toMatchInlineSnapshot(`
      [
        "/usr/bin/python3.11 -I -c <make_environment.py> .env --without-pip --prompt My.Shop-1.4.0 $REV/.env",
        "send vendor/pip-24.0-py3-none-any.whl to pip",
        "$REV/.env/bin/python -I -c <unpack_pip.py> $STAGE/incoming/My.Shop-1.4.0.products/pip/pip-24.0-py3-none-any.whl $STAGE/incoming/My.Shop-1.4.0.products/.pip-24.0",
        "$REV/.env/bin/python -I -c <guarded_pip.py> $STAGE/incoming/My.Shop-1.4.0.products/.pip-24.0/pip wheel --disable-pip-version-check --no-input --no-color --wheel-dir $STAGE/incoming/My.Shop-1.4.0.products/wheels --progress-bar off My.Shop @ file://$STAGE/sdists/My.Shop-1.4.0.tar.gz#sha256=ab12",
      ]
    `)
    expect(recipe.env(context)).toStrictEqual({
      DEPLOY_PIP: '/var/webcode/.stage/incoming/My.Shop-1.4.0.products/pip/pip-24.0-py3-none-any.whl/pip',
    })
  })

  test('is refused otherwise, with both ways out', () => {
    expect(python().check(context)).toMatchInlineSnapshot(`
      [
        "/usr/bin/python3.11 has no pip to build with: install python3-pip-whl or python3-venv (Debian), or send one, with the option \`pip\`",
      ]
    `)
  })

  test('is no reason to send one to a host that has it', () => {
    expect(stepsOf('build', { pip }).map(step => step.kind)).not.toContain('send-file')
  })

  test('is no reason to build with a lower Python than all have', () => {
    const both = [bare, aPython('3.9.2')]
    const [venv] = python({ pip }).steps(aContext(both)).build ?? []
    expect(venv?.title).toBe('create .env with Python 3.11.2')
    const [cautious] = python().steps(aContext(both)).build ?? []
    expect(cautious?.title).toBe('create .env with Python 3.9.2')
  })
})

describe('what is verified without being asked', () => {
  test('is that requirements fit, that everything compiles and that the project can be imported', () => {
    expect(shown('verify')).toMatchInlineSnapshot(`
      "pip check
        $REV/.env/bin/python $STAGE/incoming/My.Shop-1.4.0.products/.pip-23.0.1/pip --disable-pip-version-check --no-input --no-color check
      byte-compile what is installed
        $REV/.env/bin/python -I -c <installed.py> compile My.Shop
      import the packages, load the console scripts
        $REV/.env/bin/python -I -c <installed.py> imports My.Shop"
    `)
  })

  test('can be narrowed', () => {
    expect(
      stepsOf('verify', { check: { compile: false, imports: false } }).map(step => step.title),
    ).toStrictEqual(['pip check'])
  })
})

test('every step of the whole run is told of a pip that no build can write to', () => {
  expect(python().env(aContext([aPython('3.11.2')]))).toStrictEqual({
    DEPLOY_PIP: '/usr/share/python-wheels/pip-23.0.1-py3-none-any.whl/pip',
  })
})

test('pip is called by its own version, whatever the directories before it are called', () => {
  const odd = aPython('3.11.2', { pipWheel: '/opt/pip-old-x/pip-25.1-py3-none-any.whl' })
  const titles = (python().steps(aContext([odd])).build ?? []).map(step => step.title)
  expect(titles).toContain('unpack pip 25.1')
})

test('nothing that a build runs is taken from what another build could have changed', () => {
  const options = [{}, { requirements: 'requirements.lock' }, { build: 'per-host' as const }]
  const commands = options.flatMap(one =>
    (['build', 'verify'] as const).flatMap(slot => stepsOf(slot, one).map(commandOf)),
  )
  for (const command of commands)
    expect(command).not.toMatch(/\$STAGE\/(?!incoming\/My\.Shop-1\.4\.0\.|sdists\/)/)
  // The sdist is held against its hash by pip.
  for (const command of commands.filter(text => text.includes('$STAGE/sdists/')))
    expect(command).toContain('#sha256=ab12')
})

test('an interpreter that was asked for by path is looked at too', () => {
  const [, , , source = ''] =
    python({ interpreter: '/opt/python/bin/python3' }).facts['interpreters']?.argv ?? []
  expect(source.split('\n').slice(0, 2)).toStrictEqual([
    'import sys',
    'sys.argv[1:] = ["/opt/python/bin/python3"]',
  ])
})
