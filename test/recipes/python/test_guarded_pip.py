import json
import os
import shlex
import sys
import tempfile
import unittest
import zipfile
from typing import Dict, List, Tuple

from programs import Ended, run
from test_build import bundled_pip

# Stands in for pip: shows what it was given, and whom pip's own copy of `requests` would send to these hosts.
SHOWS = r'''
import glob, json, os, sys
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
from pip._vendor.requests.utils import get_netrc_auth
lists = []
for path in glob.glob("/proc/[0-9]*/cmdline"):
    try:
        lists.append(open(path, "rb").read().decode("utf-8", "replace"))
    except OSError:
        pass
print(json.dumps({
    "args": sys.argv[1:],
    "env": dict(os.environ),
    "asked": {url: get_netrc_auth(url) for url in os.environ.get("ASK", "").split()},
    "lists": lists,
}))
'''


class GuardedPip(unittest.TestCase):
    pip: str
    unpacked: 'tempfile.TemporaryDirectory[str]'

    @classmethod
    def setUpClass(cls) -> None:
        cls.unpacked = tempfile.TemporaryDirectory()
        with zipfile.ZipFile(bundled_pip()) as archive:
            archive.extractall(cls.unpacked.name)
        cls.pip = os.path.join(cls.unpacked.name, 'pip')
        with open(os.path.join(cls.pip, '__main__.py'), 'w', encoding='utf-8') as file:
            file.write(SHOWS)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.unpacked.cleanup()

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def write(self, name: str, text: str) -> str:
        with open(os.path.join(self.directory, name), 'w', encoding='utf-8') as file:
            file.write(text)
        return file.name

    def end(self, env: Dict[str, str], *args: str) -> Ended:
        return run('guarded_pip', self.pip, *args, env={'HOME': self.directory, **env}, cwd=self.directory)

    def seen(self, env: Dict[str, str], *args: str, ask: str = '') -> Tuple[Dict[str, str], Dict[str, object]]:
        """The variables that pip is given, and whom it finds for each URL that it would ask."""
        ended = self.end({**env, 'ASK': ask}, *args)
        self.assertEqual((ended.code, ended.err), (0, ''))
        said = json.loads(ended.out)
        self.assertEqual(said['args'], list(args))
        self.assertEqual([one for one in said['lists'] if 'pferd' in one], [])
        return said['env'], said['asked']

    def refused(self, env: Dict[str, str], *args: str) -> str:
        ended = self.end(env, *args)
        self.assertEqual((ended.code, ended.out), (1, ''))
        self.assertNotIn('pferd', ended.err)
        self.assertNotIn('Traceback', ended.err)
        return ended.err

    def test_of_every_variable_with_urls_pip_sees_them_without_users_and_finds_these_by_host(self) -> None:
        for name in (
            'PIP_INDEX_URL', 'PIP_PYPI_URL', 'PIP_EXTRA_INDEX_URL', 'PIP_FIND_LINKS', 'PIP_CONSTRAINT',
            'PIP_REQUIREMENT', 'PIP_extra_index_url', 'PIP___INDEX_URL', 'PIP_WHATEVER_COMES',
        ):
            with self.subTest(name):
                shown = 'https://%sone.example/simple  http://TWO.example:8080/x HTTP://%sThree.example:81'
                ask = 'https://one.example/a http://two.example/ http://three.example:81/b'
                value = shown % ('ana:pferd@', 'bo%40x:pferd%2F2@')
                env, asked = self.seen({name: value}, 'wheel', ask=ask)
                self.assertEqual(env[name], shown % ('', ''))
                self.assertEqual(asked, {
                    'https://one.example/a': ['ana', 'pferd'],
                    'http://two.example/': None,
                    'http://three.example:81/b': ['bo@x', 'pferd/2'],
                })

    def test_urls_of_several_variables_may_have_one_host_with_one_user(self) -> None:
        a, b = 'https://%sone.example/a', 'https://%sone.example/b'
        given = {'PIP_INDEX_URL': a % 'ana:pferd@', 'PIP_EXTRA_INDEX_URL': b % 'ana@'}
        env, asked = self.seen(given, ask=b % '')
        self.assertEqual((env['PIP_INDEX_URL'], env['PIP_EXTRA_INDEX_URL']), (a % '', b % ''))
        self.assertEqual(asked, {b % '': ['ana', 'pferd']})

    def test_a_host_with_two_users_or_passwords_is_refused_by_name(self) -> None:
        for other in ('bo:pferd', 'ana:pferd-2', 'bo'):
            for urls in (
                'https://ana:pferd@one.example/a https://%s@one.example:8443/b',
                'http://%s@ONE.example http://ana:pferd@one.example',
            ):
                with self.subTest(urls % other):
                    err = self.refused({'PIP_INDEX_URL': 'https://x.example', 'PIP_FIND_LINKS': urls % other})
                    self.assertIn('PIP_FIND_LINKS: one.example stands there with two users or passwords', err)

    def test_every_character_that_a_url_can_hold_reaches_pip(self) -> None:
        # A line end becomes another one where a file is read. Pythons before 3.11 know no quotes in a netrc file.
        codes = [code for code in range(1, 256) if chr(code) != '\r']
        if sys.version_info < (3, 11):
            codes = [code for code in codes if 32 < code < 127 and chr(code) not in '"\\']
        urls = {code: 'https://h%d.example/' % code for code in codes}
        written = {code: ''.join('%%%02X' % byte for byte in chr(code).encode()) for code in codes}
        users = {code: '//a%sb:%spferd%s@' % ((text,) * 3) for code, text in written.items()}
        value = ' '.join(url.replace('//', users[code]) for code, url in urls.items())
        _, asked = self.seen({'PIP_FIND_LINKS': value}, ask=' '.join(urls.values()))
        wanted = {url: ['a%sb' % chr(code), '%spferd%s' % (chr(code), chr(code))] for code, url in urls.items()}
        self.assertEqual(asked, wanted)

    def test_a_password_that_no_netrc_file_can_hold_is_refused(self) -> None:
        err = self.refused({'PIP_INDEX_URL': 'https://ana:pferd%0D@one.example'})
        self.assertIn('PIP_INDEX_URL: pip does not find the user and the password for one.example', err)

    def test_a_url_that_its_password_cut_short_is_refused_without_it(self) -> None:
        for user in ('ana:/pferd', 'ana:x?pferd', 'ana:x#pferd', 'ana: pferd', 'ana:ho[rse/pferd'):
            with self.subTest(user):
                err = self.refused({'PIP_EXTRA_INDEX_URL': 'https://one.example https://%s@two.example/' % user})
                self.assertIn('PIP_EXTRA_INDEX_URL: what follows the host of a URL there is no port', err)
                self.assertIn('%2F', err)

    def test_a_url_of_another_kind_is_refused(self) -> None:
        for url in ('git+https://ana:pferd@one.example', 'git+https://pferd@one.example', 'ftp://ana:pferd@x.example'):
            with self.subTest(url):
                self.assertIn('PIP_EDITABLE: pip would repeat', self.refused({'PIP_EDITABLE': url}))

    def test_urls_without_users_stay_as_they_are(self) -> None:
        for url in (
            'https://one.example:8443/feed@view/simple', 'file:///srv/wheels', '/srv/a@b', 'http://[::1]:8080/x',
            'git+ssh://git@one.example/a', 'https://one.example/simple?x=a@b', 'a:b',
        ):
            with self.subTest(url):
                env, _ = self.seen({'PIP_FIND_LINKS': url, 'DATABASE_URL': 'pg://ana:x@db'})
                self.assertEqual((env['PIP_FIND_LINKS'], env['DATABASE_URL']), (url, 'pg://ana:x@db'))
                self.assertNotIn('NETRC', env)

    def test_a_proxy_with_a_password_is_the_one_of_all_programs(self) -> None:
        names = ('http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY')
        others = {'https_proxy': 'http://other', 'no_proxy': '*', 'NO_PROXY': '*', 'PIP_NO_PROXY_ENV': '1'}
        for name in ('PIP_PROXY', 'PIP_proxy', 'PIP___PROXY'):
            for value in ('http://ana:pferd@proxy.example:3128', 'ana:pferd@proxy.example', 'http://ana:a/b@proxy'):
                with self.subTest(name + value):
                    env, _ = self.seen({name: value, **others})
                    self.assertEqual([env.get(one) for one in names], [value] * 4)
                    gone = (name, 'no_proxy', 'NO_PROXY', 'PIP_NO_PROXY_ENV')
                    self.assertEqual([one for one in gone if one in env], [])

    def test_a_proxy_without_a_password_stays_pips_own(self) -> None:
        env, _ = self.seen({'PIP_PROXY': 'http://proxy:3128', 'no_proxy': 'x'})
        found = (env['PIP_PROXY'], env['no_proxy'], env.get('https_proxy'))
        self.assertEqual(found, ('http://proxy:3128', 'x', None))

    def test_the_netrc_file_of_the_account_still_counts_where_no_variable_says_better(self) -> None:
        one, two = ('machine %s.example login bo password of-%s\n' % (host, host) for host in ('one', 'two'))
        text = one + two + 'macdef x\n  y\n\n'
        here = self.write('.netrc', text)
        ask = 'https://one.example/ https://two.example/'
        for named in ({}, {'NETRC': here}):
            _, asked = self.seen({**named, 'PIP_INDEX_URL': 'https://ana:pferd@one.example'}, ask=ask)
            self.assertEqual(list(asked.values()), [['ana', 'pferd'], ['bo', 'of-two']])

    def test_a_user_alone_has_the_password_of_the_netrc_file_of_the_account(self) -> None:
        self.write('.netrc', 'machine one.example login ana password of-file')
        _, asked = self.seen({'PIP_INDEX_URL': 'https://ana@one.example'}, ask='https://one.example/')
        self.assertEqual(list(asked.values()), [['ana', 'of-file']])

    def test_a_netrc_file_that_pip_cannot_read_changes_nothing(self) -> None:
        self.write('.netrc', 'machine\nnonsense here')
        _, asked = self.seen({'PIP_INDEX_URL': 'https://ana:pferd@one.example'}, ask='https://one.example/')
        self.assertEqual(list(asked.values()), [['ana', 'pferd']])

    def test_a_requirements_file_in_which_pip_would_repeat_a_password_is_refused(self) -> None:
        lines: List[str] = [
            '--index-url https://ana:pferd@one.example/simple', '-ihttps://ana:pferd@one.example',
            '  --extra https://pferd@one.example', '--extra-index-url=https://ana:${SECRET}@one.example',
            '--find-links \\\n  https://ana:pferd@one.example', '-f "http://a:pferd@b"',
            '-i https://ana:x/pferd@one.example', 'x @ git+https://ana:pferd@one.example/x.git@v1',
            '-e git+https://${SECRET}@one.example/x',
            'git+ssh://ana:pferd@one.example/x', '--proxy http://ana:pferd@one.example',
        ]
        for line in lines:
            text = 'six==1.0\n%s\n' % line
            self.write('a.txt', text)
            self.write('b.txt', '# first\n-r a.txt\n')
            self.write('c d.txt', '--constraint="b.txt" # comment\n')
            with self.subTest(line):
                err = self.refused({'SECRET': 'pferd'}, 'wheel', '-r', 'a.txt')
                self.assertIn('a.txt has a URL with a user or a password', err)
        for written in ('--requirement a.txt', '-ra.txt', '--constraint=b.txt', '-c "c d.txt"', '--req b.txt'):
            args = shlex.split(written)
            with self.subTest(args=args):
                self.assertIn('a.txt has a URL', self.refused({}, 'wheel', *args))
        self.assertIn('a.txt has a URL', self.refused({'PIP_CONSTRAINT': 'b.txt'}, 'wheel'))

    def test_any_other_requirements_file_is_pips_business(self) -> None:
        self.write('a.txt', '# --index-url https://ana:x@one.example\n-r a.txt\n-r not-there.txt\n'
                            '--index-url https://one.example/feed@view/ # a@b\n'
                            'x @ git+ssh://git@one.example/x.git@v1\n'
                            'y @ https://ana:x@one.example/y.whl\n--hash "unclosed\n')
        args = ['--require-hashes', '-r', 'a.txt', '-c', 'https://one.example/c']
        self.seen({'PIP_INDEX_URL': 'https://ana:pferd@one.example'}, 'wheel', *args)


if __name__ == '__main__':
    unittest.main()
