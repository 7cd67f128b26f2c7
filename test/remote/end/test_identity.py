import itertools
import json
import os
import unittest
from typing import List, TypedDict, cast

from end.identity import identity, identity_of

CASES = os.path.join(os.path.dirname(__file__), '../../version/revision-identities.json')


class Group(TypedDict):
    identity: str
    spellings: List[str]


def groups() -> List[Group]:
    with open(CASES, encoding='utf-8') as file:
        return cast(List[Group], json.load(file))


class IdentityTest(unittest.TestCase):
    """The table is that of test/version/revision-identity.test.ts."""

    def test_all_spellings_of_a_revision_have_one_identity(self) -> None:
        for group in groups():
            for spelling in group['spellings']:
                with self.subTest(spelling):
                    self.assertEqual(identity_of(spelling), group['identity'])

    def test_two_revisions_have_two(self) -> None:
        for one, other in itertools.combinations(groups(), 2):
            self.assertNotEqual(one['identity'], other['identity'])

    def test_a_version_as_a_project_writes_it_may_have_a_hyphen(self) -> None:
        self.assertEqual(identity('My.Shop', '1.0-1'), identity_of('my-shop-1.0.post1'))
        self.assertEqual(identity('My.Shop', ' 1.0 '), identity_of('my-shop-1'))
        self.assertEqual(identity('shop', '1.0-rc-1'), identity_of('shop-1rc1'))

    def test_only_ascii_is_read_as_a_version(self) -> None:
        for version in ('1.0po\u017ft1', '\u0661.0', '1.0\u00b2', ''):
            with self.subTest(version):
                self.assertEqual(identity('shop', version), 'shop==' + version)


if __name__ == '__main__':
    unittest.main()
