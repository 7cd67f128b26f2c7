import fc from 'fast-check'

const optional = (text: fc.Arbitrary<string>) => fc.oneof(fc.constant(''), text)
const pieces = fc
  .array(fc.constantFrom('0', '1', '09', '10', '.', '+', '~', 'a', 'b', 'rc', 'Z', 'post', 'dev'), {
    maxLength: 6,
  })
  .map(parts => parts.join(''))

/** Versions of Debian packages of every kind. */
export const anyDebian: fc.Arbitrary<string> = fc
  .tuple(
    optional(fc.constantFrom('0:', '1:', '2:')),
    fc.constantFrom('0', '1', '10'),
    pieces,
    optional(fc.constantFrom('-0', '-1', '-1~bpo1', '-0ubuntu1', '-x', '-1-2')),
  )
  .map(parts => parts.join(''))
