import { describe, expect, test } from 'vitest'
import { credentialsIn, hasUserInfo, withoutCredentials, withoutThese } from '../../src/shell/credentials.ts'

const PASSWORD = 'hunter2!x'

describe('what looks like a password is hidden', () => {
  test.each([
    `index: 'https://ana:${PASSWORD}@pypi.example.com/simple'`,
    `https://${PASSWORD}@pypi.example.com/simple`,
    `https://ana:${PASSWORD}/x@pypi.example.com/simple`,
    `postgresql+psycopg://shop:${PASSWORD}@db/shop?sslmode=require`,
    `https://ana:a@${PASSWORD}@host/`,
    `expected a user, found "deploy:${PASSWORD}@web1.example.com"`,
    `web1: deploy:${PASSWORD}@[::1]:22`,
    `password: '${PASSWORD}',`,
    `  "API_TOKEN": "${PASSWORD}",`,
    `env: { DB_PASSWORD: "${PASSWORD}" }`,
    `secretKey = \`${PASSWORD}\``,
    `  password: ${PASSWORD}`,
    `--token=${PASSWORD}`,
    `token: 'it\\'s ${PASSWORD}'`,
    `const passwd = "${PASSWORD}`,
    `?access_key=${PASSWORD}&a=1`,
    `private_key: ${PASSWORD}`,
    // What should have been escaped in a URL, or does not belong before a host, does not help a password.
    `https://ana:x/y${PASSWORD}@host/`,
    `https://ana:"${PASSWORD}@host/`,
    `deploy:a@b:c/d${PASSWORD}@web1`,
    `deploy:'${PASSWORD}@web1`,
    `ana@corp:${PASSWORD}@web1`,
    `:${PASSWORD}@web1`,
    `https://a/b,https://u:${PASSWORD}@c`,
    `DB_PASS=${PASSWORD}`,
    `password: x'${PASSWORD}`,
    `password: (${PASSWORD})`,
    `token: "it\\"s ${PASSWORD}`,
    `mysql --password ${PASSWORD} shop`,
    `pip -apikey '${PASSWORD} x'`,
    `curl -u ana:${PASSWORD} x`,
    `curl -uana:${PASSWORD} x`,
    `curl --user 'ana:${PASSWORD}' x`,
    `curl -H 'Authorization: Bearer ${PASSWORD}' x`,
    `"Cookie": "a=b; session=${PASSWORD}"`,
    `proxy-authorization: Basic ${PASSWORD}`,
  ])('%s', text => {
    const shown = withoutCredentials(text)
    expect(shown).not.toContain(PASSWORD)
    expect(shown).toContain('[hidden]')
  })
})

describe('everything else is shown as it is', () => {
  test.each([
    'web1: deploy@web1.example.com:2222',
    "hosts: { web1: 'deploy@web1', web2: 'deploy@web2' }",
    "password: secret('DB_PASSWORD')",
    'password: process.env.PASSWORD',
    'https://pypi.example.com/simple/@scope',
    'git@github.com:ana/shop.git',
    'a time of 10:15@ the door',
    'expected a user of letters, digits and _ . @ + -',
    '2026-11-30T10:15:00Z',
    'DB_PASSWORD=[secret DB_PASSWORD]',
    'at file:///shop/node_modules/@scope/x.js:3:9',
    'git+https://github.com/ana/shop@v1',
    'env.TOKEN: expected a text, found a list',
    'compass: north',
    'passing: 4, failing: 2',
    'https://[hidden]@pypi.example.com/simple',
    'docker run -u app:[hidden] --token [hidden]',
  ])('%s', text => expect(withoutCredentials(text)).toBe(text))
})

// What costs the square of its length, or more, does not end before the test does.
test('it takes as long as the text is long', { timeout: 10_000 }, () => {
  const pieces = [
    'a:',
    'token',
    'token=',
    "password: '",
    '\\\\a',
    '://',
    'a://',
    'a:b@',
    '@',
    ' ',
    '-u a:',
    '--token ',
    'cookie:',
  ]
  for (const one of pieces)
    for (const other of pieces)
      for (const before of ['', "password: '"])
        expect(withoutCredentials(`${before}${(one + other).repeat(3_000)}\n`)).not.toBe('')
})

test('what was hidden is found again where it stands by itself', () => {
  const values = credentialsIn(`const password = '${PASSWORD}'\nurl: 'postgres://ana:first-of-all@db/x'`)
  expect(withoutThese(`no login with ${PASSWORD}, nor with first-of-all`, values)).toBe(
    'no login with [hidden], nor with [hidden]',
  )
})

test('the name of a secret is none', () => {
  expect(credentialsIn(`{ "secret": "DATABASE_URL", 'token': 'abcdefg' }`)).toEqual(['abcdefg'])
})

test.each([
  ['https://ana:hunter2@host/simple', true],
  ['https://hunter2@host', true],
  ['https://ana:hunter2/4@host', true],
  ['https://ana:#hunter2@host', true],
  ['http://a/ https://ana:x@b/', true],
  ['ana:hunter2@proxy.example.com:3128', true],
  ['https://host:8443/feed@view/simple', false],
  ['/srv/a@b http://[::1]:80/x@y', false],
  ['ana@host', false],
  ['--config-settings=a:b', false],
])('%s: has a user or a password, %s', (text, has) => {
  expect(hasUserInfo(text)).toBe(has)
})
