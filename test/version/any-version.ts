import fc from 'fast-check'

const number = fc.oneof(fc.nat(3).map(String), fc.constantFrom('10', '20240115123456789'))
const optional = (text: fc.Arbitrary<string>) => fc.oneof(fc.constant(''), text)
const joined = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map(texts => texts.join(''))

/** PEP 440 versions in normal form, small enough that equal and neighbouring ones meet often. */
export const anyVersion: fc.Arbitrary<string> = joined(
  optional(number.map(epoch => `${epoch}!`)),
  fc.array(number, { minLength: 1, maxLength: 3 }).map(release => release.join('.')),
  optional(joined(fc.constantFrom('a', 'b', 'rc'), number)),
  optional(number.map(post => `.post${post}`)),
  optional(number.map(dev => `.dev${dev}`)),
  optional(
    fc
      .array(fc.oneof(number, fc.constantFrom('abc', '1e5', 'g12')), { minLength: 1, maxLength: 3 })
      .map(label => `+${label.join('.')}`),
  ),
)
