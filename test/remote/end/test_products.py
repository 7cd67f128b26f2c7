"""What a shared step of a build leaves for other hosts, on its way out and in."""

import os
from typing import Any, Dict, List

from end.products import list_products
from roots import RootTest, never, sha256
from support import RemoteEndTest, Refused

SHARE = {'revision': 'shop-1.0', 'share': 'wheels'}


def product(name: str, content: bytes) -> Dict[str, Any]:
    return {'file': name, 'bytes': len(content), 'sha256': sha256(content)}


class ProductsTest(RemoteEndTest):
    def setUp(self) -> None:
        super().setUp()
        self.lock('shop-1.0')

    def home(self, *parts: str) -> str:
        return os.path.join(self.layout.products('shop-1.0'), *parts)

    def make(self, **files: bytes) -> None:
        """What the step does."""
        self.runner.call('begin-products', SHARE)
        for name, content in files.items():
            with open(self.home('wheels', name), 'wb') as file:
                file.write(content)

    def files(self) -> Dict[str, bytes]:
        found = {}
        for name in os.listdir(self.home('wheels')):
            with open(self.home('wheels', name), 'rb') as file:
                found[name] = file.read()
        return found

    def ask_receive(self, products: List[Dict[str, Any]], content: bytes, **changes: object) -> int:
        id = self.runner.ask('receive-products', {**SHARE, 'products': products, **changes})
        self.runner.send_data(id, content)
        return id

    def code_of(self, id: int) -> str:
        with self.assertRaises(Refused) as caught:
            self.runner.answer(id)
        return caught.exception.code


class MakingTest(ProductsTest):
    def test_the_step_gets_an_empty_directory_whatever_was_there(self) -> None:
        self.make(old=b'x')
        self.runner.call('list-products', SHARE)
        self.make()
        self.assertEqual(os.listdir(self.home()), ['wheels'])
        self.assertEqual(os.listdir(self.home('wheels')), [])

    def test_what_it_left_is_listed_by_name(self) -> None:
        self.make(b=b'two', a=b'')
        self.assertEqual(self.runner.call('list-products', SHARE), {'products': [product('a', b''), product('b', b'two')]})

    def test_what_is_listed_comes_back_as_one_stream_in_that_order(self) -> None:
        large = os.urandom(3_000_000)
        self.make(b=large, a=b'one', c=b'')
        self.runner.call('list-products', SHARE)
        id = self.runner.ask('fetch-products', SHARE)
        self.assertEqual(self.runner.answer(id), {})
        self.assertEqual(self.runner.data(id), b'one' + large)

    def test_what_changed_since_it_was_listed_is_not_sent_as_if_it_had_not(self) -> None:
        for content in (b'longer than it was', b'sh'):
            with self.subTest(content):
                self.make(a=b'short')
                self.runner.call('list-products', SHARE)
                with open(self.home('wheels', 'a'), 'wb') as file:
                    file.write(content)
                self.assertEqual(self.runner.refusal('fetch-products', SHARE), 'io')

    def test_a_step_that_leaves_nothing_is_refused(self) -> None:
        self.make()
        self.assertEqual(self.runner.refusal('list-products', SHARE), 'invalid')

    def test_what_was_never_listed_is_not_sent(self) -> None:
        self.make(a=b'one')
        self.assertEqual(self.runner.refusal('fetch-products', SHARE), 'io')

    def test_names_that_are_more_than_a_name_are_refused(self) -> None:
        for name in ('-rf', '.hidden', 'a b', 'a\nb', 'é', 'a' * 201):
            with self.subTest(name):
                self.make(**{name: b''})
                self.assertEqual(self.runner.refusal('list-products', SHARE), 'invalid')

    def test_what_is_no_plain_file_is_refused_and_no_link_is_followed(self) -> None:
        odd = {
            'directory': lambda path: os.mkdir(path),
            'link': lambda path: os.symlink('/etc/passwd', path),
            'pipe': lambda path: os.mkfifo(path),
        }
        for name, make in odd.items():
            with self.subTest(name):
                self.make()
                make(self.home('wheels', name))
                self.assertEqual(self.runner.refusal('list-products', SHARE), 'invalid')

    def test_a_directory_that_became_a_link_is_not_followed(self) -> None:
        self.make()
        os.rmdir(self.home('wheels'))
        os.symlink('/etc', self.home('wheels'))
        self.assertEqual(self.runner.refusal('list-products', SHARE), 'io')

    def test_the_exclusive_lock_of_the_revision_is_needed(self) -> None:
        other = {'revision': 'shop-2.0', 'share': 'wheels'}
        for name in ('begin-products', 'list-products', 'fetch-products'):
            self.assertEqual(self.runner.refusal(name, other), 'lock-lost', name)
        self.assertEqual(self.code_of(self.ask_receive([], b'', revision='shop-2.0')), 'lock-lost')

    def test_a_share_is_called_so_that_it_can_be_a_directory(self) -> None:
        for share in ('', '..', 'a/b', '.x', 'A', 'x' * 65):
            with self.subTest(share):
                body = {'revision': 'shop-1.0', 'share': share}
                self.assertEqual(self.runner.refusal('begin-products', body), 'invalid')


class ReceivingTest(ProductsTest):
    def test_files_arrive_one_after_the_other_and_are_on_record(self) -> None:
        large = os.urandom(3_000_000)
        products = [product('empty', b''), product('b', large), product('none', b''), product('a', b'one')]
        id = self.ask_receive(products, large + b'one')
        self.assertEqual(self.runner.answer(id), {})
        self.assertEqual(self.files(), {'empty': b'', 'b': large, 'none': b'', 'a': b'one'})
        again = self.runner.ask('fetch-products', SHARE)
        self.runner.answer(again)
        self.assertEqual(self.runner.data(again), large + b'one')
        self.assertEqual(sorted(os.listdir(self.home())), ['wheels', 'wheels.json'])

    def test_other_bytes_than_were_announced_are_refused_and_removed(self) -> None:
        announced = [product('a', b'abc'), product('b', b'de')]
        for sent in (b'abcd', b'abcdef', b'abXde', b'abcdX', b''):
            with self.subTest(sent):
                self.assertEqual(self.code_of(self.ask_receive(announced, sent)), 'digest')
                self.assertEqual(os.listdir(self.home()), [])

    def test_names_that_lead_elsewhere_are_refused_before_a_byte_is_written(self) -> None:
        for name in ('../a', '/tmp/a', 'a/b', '..', '', '-e', '.env', 'a\0b'):
            with self.subTest(name):
                self.assertEqual(self.code_of(self.ask_receive([product(name, b'x')], b'x')), 'invalid')
                self.assertFalse(os.path.exists(self.home()))

    def test_a_name_that_comes_twice_is_refused(self) -> None:
        twice = [product('a', b'x'), product('a', b'y')]
        self.assertEqual(self.code_of(self.ask_receive(twice, b'xy')), 'invalid')

    def test_more_than_can_be_kept_is_refused(self) -> None:
        vast = [{**product('a', b''), 'bytes': 1 << 40}]
        many = [product(f'f{number}', b'') for number in range(2001)]
        for products in (vast, many):
            self.assertEqual(self.code_of(self.ask_receive(products, b'')), 'invalid')

    def test_cancel_removes_what_has_arrived(self) -> None:
        id = self.runner.ask('receive-products', {**SHARE, 'products': [product('a', b'abc')]})
        self.runner.call('cancel', {'request': id})
        self.assertEqual(self.code_of(id), 'cancelled')
        self.assertEqual(os.listdir(self.home()), [])

    def test_the_end_removes_what_has_arrived(self) -> None:
        self.runner.ask('receive-products', {**SHARE, 'products': [product('a', b'abc')]})
        self.runner.call('beat')
        self.assertEqual(len(os.listdir(self.home())), 1)
        self.runner.lose()
        self.runner.ended()
        self.assertEqual(os.listdir(self.home()), [])


class KeepingTest(RootTest):
    def make(self) -> None:
        os.makedirs(os.path.join(self.layout.products('shop-1.0'), 'wheels'))

    def test_what_was_shared_goes_with_the_seal(self) -> None:
        digest = self.begin()
        self.make()
        self.seal_begun('shop-1.0', digest)
        self.assertEqual(os.listdir(self.layout.incoming), [])

    def test_what_a_dead_run_left_is_gone_when_a_build_begins(self) -> None:
        self.make()
        self.begin()
        self.assertEqual(os.listdir(self.layout.incoming), [])

    def test_listing_can_be_called_off(self) -> None:
        self.make()
        with open(os.path.join(self.layout.products('shop-1.0'), 'wheels', 'a'), 'wb') as file:
            file.write(b'x')
        body: Any = SHARE
        self.refused('cancelled', list_products, self.layout, body, lambda: True)
        self.assertEqual(list_products(self.layout, body, never), [product('a', b'x')])
