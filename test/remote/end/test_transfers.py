"""An sdist on its way in and out."""

import os

from roots import sdist, sha256
from support import RemoteEndTest, Refused


class ReceiveTest(RemoteEndTest):
    def setUp(self) -> None:
        super().setUp()
        self.lock('shop-1.0')

    def ask_receive(self, content: bytes, **changes: object) -> int:
        return self.runner.ask('receive', {
            'revision': 'shop-1.0', 'sha256': sha256(content), 'bytes': len(content), **changes,
        })

    def code_of(self, id: int) -> str:
        with self.assertRaises(Refused) as caught:
            self.runner.answer(id)
        return caught.exception.code

    def test_what_arrives_whole_is_in_its_place_when_it_is_answered(self) -> None:
        content = os.urandom(3_000_000)
        id = self.ask_receive(content)
        self.runner.send_data(id, content)
        self.assertEqual(self.runner.answer(id), {'sha256': sha256(content), 'bytes': len(content)})
        with open(self.layout.sdist('shop-1.0'), 'rb') as file:
            self.assertEqual(file.read(), content)
        self.assertEqual(os.listdir(self.layout.incoming), [])

    def test_it_needs_the_exclusive_lock_of_the_revision(self) -> None:
        self.assertEqual(self.code_of(self.ask_receive(b'', revision='shop-2.0')), 'lock-lost')

    def test_other_bytes_than_were_announced_are_refused(self) -> None:
        for sent, changes in [(b'abd', {}), (b'ab', {}), (b'abcd', {}), (b'abc', {'bytes': 2})]:
            with self.subTest(sent):
                id = self.ask_receive(b'abc', **changes)
                self.runner.send_data(id, sent)
                self.assertEqual(self.code_of(id), 'digest')
                self.assertEqual(os.listdir(self.layout.incoming) + os.listdir(self.layout.sdists), [])

    def test_data_that_was_under_way_when_it_was_refused_is_dropped(self) -> None:
        id = self.ask_receive(b'x' * 300_000, bytes=1)
        self.runner.send_data(id, b'x' * 300_000)
        self.assertEqual(self.code_of(id), 'digest')
        self.assertIn('atUs', self.runner.call('beat'))

    def test_cancel_removes_what_has_arrived(self) -> None:
        id = self.ask_receive(b'x' * 100)
        self.runner.call('cancel', {'request': id})
        self.assertEqual(self.code_of(id), 'cancelled')
        self.assertEqual(os.listdir(self.layout.incoming), [])

    def test_the_end_removes_what_has_arrived(self) -> None:
        self.ask_receive(b'x' * 100)
        self.runner.call('beat')
        self.assertEqual(len(os.listdir(self.layout.incoming)), 1)
        self.runner.lose()
        self.runner.ended()
        self.assertEqual(os.listdir(self.layout.incoming), [])


class UnpackTest(RemoteEndTest):
    def test_a_received_sdist_is_unpacked(self) -> None:
        self.lock('shop-1.0')
        content = self.sent()
        answer = self.runner.call('unpack', {'revision': 'shop-1.0', 'sha256': sha256(content), 'keepFailed': False})
        self.assertEqual(answer['files'], 2)
        self.assertTrue(os.access(self.path('shop-1.0', 'run.sh'), os.X_OK))
        self.assertEqual(self.whats(), ['build'])

    def test_what_changes_a_revision_needs_its_exclusive_lock(self) -> None:
        self.lock('shop-1.0', 'shared')
        report = {'revision': 'shop-1.0', 'sha256': '', 'verification': []}
        for name, body in [
            ('unpack', {'revision': 'shop-1.0', 'sha256': '', 'keepFailed': False}),
            ('abandon', {'revision': 'shop-1.0'}),
            ('discard', {'revision': 'shop-1.0'}),
            ('reject', {**report, 'reason': '', 'keepTree': False}),
            ('seal', {
                **report, 'project': 'shop', 'version': '1.0', 'sourceDigest': '', 'shared': [], 'builders': [], 'tool': '',
            }),
        ]:
            with self.subTest(name):
                self.assertEqual(self.runner.refusal(name, body), 'lock-lost')


class FetchTest(RemoteEndTest):
    def setUp(self) -> None:
        super().setUp()
        self.content = sdist('shop-1.0')
        self.seal('shop-1.0', self.content)

    def ask(self) -> int:
        """As a runner does: the size first, and then so many bytes."""
        measured = self.runner.call('measure-sdist', {'revision': 'shop-1.0'})
        return self.runner.ask('fetch', {'revision': 'shop-1.0', **measured})

    def test_the_stored_sdist_comes_back_before_the_answer(self) -> None:
        id = self.ask()
        self.assertEqual(self.runner.answer(id), {})
        self.assertEqual(self.runner.data(id), self.content)

    def test_one_of_another_size_than_was_told_is_not_sent(self) -> None:
        measured = self.runner.call('measure-sdist', {'revision': 'shop-1.0'})
        with open(self.layout.sdist('shop-1.0'), 'ab') as file:
            file.write(b'more')
        self.assertEqual(self.runner.refusal('fetch', {'revision': 'shop-1.0', **measured}), 'io')

    def test_one_that_grows_meanwhile_is_sent_as_far_as_was_told(self) -> None:
        with open(self.layout.sdist('shop-1.0'), 'wb') as file:
            file.truncate(12_000_000)
        id = self.ask()
        with open(self.layout.sdist('shop-1.0'), 'ab') as file:
            file.write(b'x' * 1_000_000)
        with self.assertRaises(Refused) as caught:
            self.runner.answer(id)
        self.assertEqual(caught.exception.code, 'io')
        self.assertLessEqual(len(self.runner.data(id)), 12_000_000)

    def test_a_large_one_comes_as_the_runner_reads_it(self) -> None:
        content = os.urandom(12_000_000)
        with open(self.layout.sdist('shop-1.0'), 'wb') as file:
            file.write(content)
        id = self.ask()
        self.runner.answer(id)
        self.assertEqual(self.runner.data(id), content)

    def test_cancel_stops_it(self) -> None:
        with open(self.layout.sdist('shop-1.0'), 'wb') as file:
            file.truncate(100_000_000)
        id = self.ask()
        self.runner.ask('cancel', {'request': id})
        with self.assertRaises(Refused) as caught:
            self.runner.answer(id)
        self.assertEqual(caught.exception.code, 'cancelled')
        self.assertLess(len(self.runner.data(id)), 100_000_000)

    def test_what_does_not_stand_is_not_sent(self) -> None:
        self.assertEqual(self.runner.refusal('measure-sdist', {'revision': 'shop-9.9'}), 'not-standing')
        self.assertEqual(self.runner.refusal('fetch', {'revision': 'shop-9.9', 'bytes': 1}), 'not-standing')
