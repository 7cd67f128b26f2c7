import json
import os
import sys
from typing import Dict, List

from end.messages import RevisionReport
from end.revisions import Checking, report_revisions, standing
from end.sdist import stored_sdist
from end.verdict import reject
from roots import RootTest, never, sdist, sha256

HERE = '%d.%d' % sys.version_info[:2]


class RevisionsTest(RootTest):
    def report(self, *check: str) -> List[RevisionReport]:
        return report_revisions(self.layout, check, Checking(dict(os.environ), never))

    def whys(self, *check: str) -> Dict[str, object]:
        return {each['name']: each['why'] for each in self.report(*check)}

    def seal_with_environment(self, name: str, python: str, executable: str = '.env/bin/python') -> None:
        digest = self.begin(name)
        os.makedirs(self.path(name, '.env', 'bin'))
        os.symlink(sys.executable, self.path(name, '.env', 'bin', 'python'))
        self.build(name, python, executable)
        self.seal_begun(name, digest)

    def change_manifest(self, name: str, **keys: object) -> None:
        with open(self.layout.manifest(name)) as file:
            manifest = json.load(file)
        os.chmod(self.path(name), 0o755)
        os.unlink(self.layout.manifest(name))
        with open(self.layout.manifest(name), 'w') as file:
            json.dump({**manifest, **keys}, file)


class Reporting(RevisionsTest):
    def test_a_verified_revision_tells_what_it_is(self) -> None:
        self.seal_with_environment('shop-1.0', HERE + '.2')
        (report,) = self.report('shop-1.0')
        self.assertGreater(report['atMs'], 1_600_000_000_000)
        self.assertEqual({key: value for key, value in report.items() if key != 'atMs'}, {
            'name': 'shop-1.0', 'project': 'shop', 'version': '1.0', 'sha256': sha256(sdist()),
            'verdict': 'verified', 'stands': True, 'why': None, 'python': HERE + '.2', 'shared': [],
        })

    def test_a_rejected_one_tells_why(self) -> None:
        digest = self.begin('my-shop-1.0', sdist('my-shop-1.0'))
        reject(self.layout, self.journal, {
            'revision': 'my-shop-1.0', 'sha256': digest, 'reason': 'tests failed', 'verification': [], 'keepTree': True,
        })
        (report,) = self.report()
        self.assertEqual(
            (report['name'], report['project'], report['version'], report['verdict'], report['stands'], report['why']),
            ('my-shop-1.0', 'my-shop', '1.0', 'rejected', False, 'tests failed'),
        )

    def test_links_unfinished_and_foreign_directories_are_no_revisions(self) -> None:
        self.begin()
        os.mkdir(self.path('shop-1.1'))
        self.seal('shop-1.2')
        os.symlink('shop-1.2', self.path('production'))
        self.assertEqual([each['name'] for each in self.report()], ['shop-1.2'])

    def test_a_damaged_incomplete_or_copied_manifest_does_not_stand(self) -> None:
        for name in ('shop-1.0', 'shop-1.1', 'shop-1.2', 'shop-1.3'):
            self.seal(name)
        self.change_manifest('shop-1.0', treeDigest='')
        self.change_manifest('shop-1.1', sha256=None)
        self.change_manifest('shop-1.2', v=2)
        os.rename(self.path('shop-1.3'), self.path('shop-1.4'))
        self.assertEqual(self.whys(), {
            'shop-1.0': 'its digest record is not complete',
            'shop-1.1': "the manifest of shop-1.1 is damaged: it.sha256 must be a text",
            'shop-1.2': 'the manifest of shop-1.2 is damaged: it has version 2, which this stage-deploy does not know',
            'shop-1.4': 'it is a copy of shop-1.3',
        })

    def test_a_missing_interpreter_is_always_found_a_changed_one_only_where_it_is_asked_for(self) -> None:
        self.seal_with_environment('shop-1.0', '2.7.18')
        self.seal_with_environment('shop-1.1', HERE + '.0')
        os.chmod(self.path('shop-1.1', '.env', 'bin'), 0o755)
        os.unlink(self.path('shop-1.1', '.env', 'bin', 'python'))
        self.assertEqual(self.whys(), {'shop-1.0': None, 'shop-1.1': 'its interpreter .env/bin/python is gone'})
        self.assertEqual(
            self.whys('shop-1.0')['shop-1.0'], f'its interpreter is Python {HERE} now, it was built with 2.7',
        )

    def test_an_interpreter_that_fails_or_prints_something_else_does_not_run(self) -> None:
        for name, script in (('shop-1.0', 'exit 1'), ('shop-1.1', 'echo hello'), ('shop-1.2', 'kill -9 $$')):
            digest = self.begin(name)
            with open(self.path(name, 'python'), 'w') as file:
                file.write('#!/bin/sh\n' + script)
            os.chmod(self.path(name, 'python'), 0o755)
            self.build(name, '3.8.1', 'python')
            self.seal_begun(name, digest)
        self.assertEqual(self.whys('shop-1.0', 'shop-1.1', 'shop-1.2'), {
            'shop-1.0': 'its interpreter does not run: exit status 1',
            'shop-1.1': 'its interpreter is Python hello now, it was built with 3.8',
            'shop-1.2': 'its interpreter does not run: killed by SIGKILL',
        })


class Standing(RevisionsTest):
    def test_only_what_is_verified_and_whole_can_be_switched_to(self) -> None:
        self.seal('shop-1.0')
        self.assertEqual(standing(self.layout, 'shop-1.0')['version'], '1.0')
        self.refused('not-standing', standing, self.layout, 'shop-1.1')
        self.begin('shop-1.2')
        self.refused('not-standing', standing, self.layout, 'shop-1.2')
        os.symlink('shop-1.0', self.path('production'))
        self.refused('not-standing', standing, self.layout, 'production')
        self.change_manifest('shop-1.0', sourceDigest='x')
        self.refused('not-standing', standing, self.layout, 'shop-1.0')
        self.receive('shop-1.3', sdist('shop-1.3'))
        reject(self.layout, self.journal, {
            'revision': 'shop-1.3', 'sha256': '0' * 64, 'reason': 'tests failed', 'verification': [], 'keepTree': False,
        })
        self.refused('rejected', standing, self.layout, 'shop-1.3')


class StoredSdist(RevisionsTest):
    def test_is_there_as_long_as_its_revision_stands(self) -> None:
        self.seal()
        stored = stored_sdist(self.layout, 'shop-1.0')
        self.assertEqual(stored.size, len(sdist()))
        with open(stored.path, 'rb') as file:
            self.assertEqual(file.read(), sdist())
        os.unlink(stored.path)
        self.refused('not-standing', stored_sdist, self.layout, 'shop-1.0')
        self.receive('shop-1.1', b'x')
        self.refused('not-standing', stored_sdist, self.layout, 'shop-1.1')
        self.refused('invalid', stored_sdist, self.layout, '../x')
