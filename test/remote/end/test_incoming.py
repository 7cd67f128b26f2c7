import os

from end.incoming import Incoming
from roots import RootTest, sdist, sha256

CONTENT = sdist()


class Receiving(RootTest):
    def start(self, announced: bytes = CONTENT) -> Incoming:
        return Incoming(self.layout, 'shop-1.0', sha256(announced), len(announced))

    def assert_nothing_left(self) -> None:
        self.assertEqual((os.listdir(self.layout.incoming), os.listdir(self.layout.sdists)), ([], []))

    def test_the_whole_sdist_is_put_in_its_place(self) -> None:
        incoming = self.start()
        for start in range(0, len(CONTENT), 10):
            incoming.write(memoryview(CONTENT[start:start + 10]))
        self.assertEqual(os.listdir(self.layout.sdists), [])
        self.assertEqual(incoming.finish(), sha256(CONTENT))
        with open(self.layout.sdist('shop-1.0'), 'rb') as file:
            self.assertEqual(file.read(), CONTENT)
        self.assertEqual(os.listdir(self.layout.incoming), [])

    def test_fewer_other_or_more_bytes_than_announced_are_refused_and_removed(self) -> None:
        incoming = self.start()
        incoming.write(memoryview(CONTENT[:-1]))
        self.refused('digest', incoming.finish)
        self.assert_nothing_left()
        incoming = self.start()
        incoming.write(memoryview(b'x' * len(CONTENT)))
        self.refused('digest', incoming.finish)
        self.assert_nothing_left()
        incoming = self.start()
        incoming.write(memoryview(CONTENT))
        self.refused('digest', incoming.write, b'x')
        self.assert_nothing_left()

    def test_what_is_discarded_leaves_nothing_as_often_as_it_is_discarded(self) -> None:
        incoming = self.start()
        incoming.write(memoryview(CONTENT[:5]))
        incoming.discard()
        incoming.discard()
        self.assert_nothing_left()

    def test_what_arrived_for_a_remote_end_that_was_killed_is_removed_by_the_next_one(self) -> None:
        part = 'shop-1.0.fedcba9876543210.sdist'
        for other in (part, 'shop-1.0.5.0123456789abcdef.sdist', 'shop-1.0.record.json'):
            with open(os.path.join(self.layout.incoming, other), 'w', encoding='ascii'):
                pass
        incoming = self.start()
        incoming.write(CONTENT)
        incoming.finish()
        self.assertEqual(
            sorted(os.listdir(self.layout.incoming)), ['shop-1.0.5.0123456789abcdef.sdist', 'shop-1.0.record.json']
        )

    def test_discarding_after_the_end_leaves_the_sdist(self) -> None:
        incoming = self.start()
        incoming.write(memoryview(CONTENT))
        incoming.finish()
        incoming.discard()
        self.assertEqual(os.listdir(self.layout.sdists), ['shop-1.0.tar.gz'])

    def test_the_sdist_of_an_unfinished_build_is_replaced(self) -> None:
        self.receive('shop-1.0', b'other')
        self.receive('shop-1.0', CONTENT)
        with open(self.layout.sdist('shop-1.0'), 'rb') as file:
            self.assertEqual(file.read(), CONTENT)

    def test_nothing_is_received_for_a_revision_that_stands_whatever_the_bytes(self) -> None:
        self.seal()
        self.refused('conflict', self.start)
        refusal = self.refused('conflict', self.start, b'other')
        self.assertEqual(refusal.message, 'shop-1.0 stands here already, made from other bytes')

    def test_a_name_that_is_a_path_is_refused(self) -> None:
        self.refused('invalid', Incoming, self.layout, '../shop-1.0', '0' * 64, 1)
