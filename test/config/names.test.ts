import { describe, expect, test } from 'vitest'
import { hostNameFault, stageNameFault } from '../../src/config/names.ts'

describe('the name of a stage', () => {
  test.each(['production', 'eu-west_1', 'a'])('can be %s', name => {
    expect(stageNameFault(name)).toBeUndefined()
  })

  test.each(['', 'Production', '1st', '-n', '../x', 'a b', '.stage', 'käse', 'a\n'])('cannot be %j', name => {
    expect(stageNameFault(name)).toContain('lower-case letters, digits, _ and -')
  })

  test.each(['status', 'rollback', 'run', 'help', 'deploy'])('cannot be the command %s', name => {
    expect(stageNameFault(name)).toBe(`'${name}' is a command and cannot name a stage`)
  })

  test('cannot be that of the directory which stands beside the links', () => {
    expect(stageNameFault('shared')).toBe("'shared' is a directory of the root and cannot name a stage")
  })
})

describe('the name of a host', () => {
  test.each(['web1', 'Web_1', 'eu.web-1', '10'])('can be %s', name => {
    expect(hostNameFault(name)).toBeUndefined()
  })

  test.each(['', '-web1', '.web1', 'web1,web2', 'web 1', '$(id)', 'a\nb', '__proto__', 'käse'])(
    'cannot be %j',
    name => {
      expect(hostNameFault(name)).toContain('letters, digits and _ . -')
    },
  )
})
