import { describe, expect, test } from 'vitest'
import { withoutCredentials } from '../../src/shell/credentials.ts'

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
  ])('%s', text => expect(withoutCredentials(text)).toBe(text))
})

test('it takes as long as the text is long', () => {
  for (const piece of ['a:', 'token', 'token=', "password: '", '://', 'a:b@', '@', ' '])
    expect(withoutCredentials(piece.repeat(20_000)).length).toBeGreaterThan(0)
})
