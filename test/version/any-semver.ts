import fc from 'fast-check'

const number = fc.oneof(fc.nat(3).map(String), fc.constantFrom('10', '20261120'))
const word = fc.constantFrom(
  'alpha',
  'beta',
  'rc',
  'dev',
  'nightly',
  'alphabet',
  'rc1',
  'rc10',
  'a-b',
  'RC',
  'x',
)
const identifiers = (part: fc.Arbitrary<string>) =>
  fc.array(part, { minLength: 1, maxLength: 3 }).map(parts => parts.join('.'))
const optional = (text: fc.Arbitrary<string>) => fc.oneof(fc.constant(''), text)

/** SemVer versions of every kind, small enough that equal and neighbouring ones meet often. */
export const anySemVer: fc.Arbitrary<string> = fc
  .tuple(
    fc.tuple(number, number, number).map(numbers => numbers.join('.')),
    optional(
      fc
        .oneof(
          // The usual forms, and whatever the grammar allows.
          fc.tuple(fc.constantFrom('alpha.', 'beta.', 'rc.', '0.dev.'), number).map(parts => parts.join('')),
          identifiers(fc.oneof(number, word)),
        )
        .map(pre => `-${pre}`),
    ),
    optional(
      identifiers(fc.oneof(number, fc.constantFrom('build', 'g12ab', 'A', 'x-1'))).map(build => `+${build}`),
    ),
  )
  .map(parts => parts.join(''))
