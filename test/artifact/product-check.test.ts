import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Product, productsFault } from '../../src/artifact/product.ts'
import { ProductCheck } from '../../src/artifact/product-check.ts'
import { digestOf } from '../support/builders.ts'

const product = (file: string, content: string): Product => ({
  file,
  bytes: Buffer.byteLength(content),
  sha256: digestOf(content),
})

/** What is said of these pieces, the end included. */
function faultOf(products: readonly Product[], pieces: readonly string[]): string | undefined {
  const check = new ProductCheck(products)
  for (const piece of pieces) {
    const fault = check.take(Buffer.from(piece))
    if (fault !== undefined) return fault
  }
  return check.end()
}

describe('a stream of files', () => {
  const two = [product('a', 'abc'), product('b', 'de')]

  test('is right however it is cut, with empty files anywhere', () => {
    const files = fc.array(fc.string({ unit: 'binary-ascii', maxLength: 6 }), { maxLength: 6 })
    fc.assert(
      fc.property(files, fc.integer({ min: 1, max: 7 }), (contents, size) => {
        const all = contents.join('')
        const pieces = Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
          all.slice(at * size, (at + 1) * size),
        )
        expect(
          faultOf(
            contents.map((text, at) => product(`f${at}`, text)),
            pieces,
          ),
        ).toBeUndefined()
      }),
    )
  })

  test.each([
    ['with another byte', ['abXde'], /^a has the sha256 [0-9a-f]{64}, not /],
    ['with another byte in the last file', ['abcdX'], /^b has the sha256/],
    ['that ends within a file', ['abcd'], 'b is cut off'],
    ['that ends between two files', ['abc'], 'b is missing'],
    ['that is empty', [], 'a is missing'],
    ['that goes on', ['abcde', 'f'], 'there are more bytes than were announced'],
  ])('is refused %s', (_title, pieces, fault) => {
    expect(faultOf(two, pieces)).toMatch(fault)
  })

  test('is refused where an empty file is announced with the digest of something', () => {
    expect(faultOf([{ ...product('a', 'x'), bytes: 0 }], [])).toMatch(/^a has the sha256/)
  })
})

describe('a list of products', () => {
  const good = product('shop-1.0-cp311-cp311-linux_x86_64.whl', 'x')
  const faultWith = (changes: Partial<Product>) => productsFault([{ ...good, ...changes }])

  test('of files with plain names is usable', () => {
    expect(productsFault([good, product('My_Shop-1!2.0+local.1-py3-none-any.whl', '')])).toBeUndefined()
  })

  test.each([
    '../a',
    '/etc/passwd',
    'a/b',
    '..',
    '.',
    '',
    '-rf',
    '.env',
    'a b',
    'a\0b',
    'a\nb',
    'é',
    'a'.repeat(201),
  ])('is not with the name %j', file => {
    expect(faultWith({ file })).toMatch(/is no plain name of a file$/)
  })

  test.each([-1, 0.5, Number.NaN, 2 ** 53])('is not with the size %d', bytes => {
    expect(faultWith({ bytes })).toMatch(/has no size$/)
  })

  test.each(['', 'ab', 'A'.repeat(64), `${'a'.repeat(64)}\n`])('is not with the digest %j', sha256 => {
    expect(faultWith({ sha256 })).toMatch(/has no sha256$/)
  })

  test('is not where a name comes twice, where there is nothing, or too much', () => {
    const many = Array.from({ length: 2001 }, (_, at) => product(`f${at}`, ''))
    expect([
      productsFault([good, good]),
      productsFault([]),
      productsFault(many),
      productsFault([{ ...good, bytes: 2 ** 35 }]),
    ]).toMatchInlineSnapshot(`
      [
        "shop-1.0-cp311-cp311-linux_x86_64.whl comes twice",
        "it has no files",
        "it has 2001 files, at most 2000 can be shared",
        "it has 34359738368 bytes, at most 17179869184 can be shared",
      ]
    `)
  })
})
