"""The switch of one host, asked for by its runner."""

import os
import time

from end.link import make_link
from roots import sha256
from support import Json, Refused
from switches import SwitchTest


class FireAndKeepTest(SwitchTest):
    def test_arm_changes_no_link(self) -> None:
        self.arm()
        self.assertEqual(self.link_text(), 'shop-1.0')

    def test_fire_switches_the_link_and_reads_it_back(self) -> None:
        self.arm()
        before = time.time_ns()
        answer = self.fire()
        self.assertEqual(answer['link'], {'kind': 'link', 'text': 'shop-2.0', 'revision': 'shop-2.0', 'dangling': False})
        self.assertTrue(before <= int(answer['firedNs']) <= time.time_ns())
        self.assertEqual(self.link_text(), 'shop-2.0')

    def test_a_kept_switch_is_on_the_record_and_leaves_nothing_behind(self) -> None:
        self.arm(hosts=['web1', 'web2'], **{'except': ['web3']})
        fired = self.fire()
        with open(self.layout.sdist('shop-2.0'), 'rb') as file:
            sent = file.read()
        self.assertEqual(self.keep()['link']['text'], 'shop-2.0')
        self.assertEqual(self.told(), [
            {'what': 'intent', 'id': 's1', 'kind': 'deploy', 'stage': 'production', 'from': 'shop-1.0', 'to': 'shop-2.0',
             'recovers': None, 'hosts': ['web1', 'web2'], 'except': ['web3'], 'exception': None, 'atMs': 1, 'sha256': sha256(sent)},
            {'what': 'fired', 'id': 's1', 'stage': 'production', 'firedNs': fired['firedNs']},
            {'what': 'kept', 'id': 's1', 'stage': 'production'},
        ])
        self.assertEqual(os.listdir(self.layout.incoming), [])

    def test_to_keep_again_answers_the_same_and_writes_nothing(self) -> None:
        self.arm()
        self.fire()
        self.assertEqual(self.keep(), self.keep())
        self.assertEqual(len(self.told()), 3)

    def test_what_a_dead_one_had_prepared_for_this_stage_is_cleared_away_and_nothing_else(self) -> None:
        make_link(self.layout, 'shop-1.0', 'production')
        other = make_link(self.layout, 'shop-1.0', 'staging')
        self.arm()
        self.assertEqual(len(os.listdir(self.layout.incoming)), 3)
        self.fire()
        self.keep()
        self.assertEqual(os.listdir(self.layout.incoming), [os.path.basename(other)])

    def test_after_a_kept_switch_another_one_can_be_armed(self) -> None:
        self.arm()
        self.fire()
        self.keep()
        self.arm(id='s2', kind='rollback', **{'from': 'shop-2.0', 'to': 'shop-1.0'})
        self.fire('s2')
        self.keep('s2')
        self.assertEqual(self.link_text(), 'shop-1.0')

    def test_a_stage_without_a_link_gets_one(self) -> None:
        os.unlink(self.path('production'))
        self.arm(**{'from': None})
        self.fire()
        self.keep()
        self.assertEqual(self.link_text(), 'shop-2.0')

    def fire_at(self, at: float, *, within: float) -> None:
        self.runner.call('fire', {'id': 's1', 'atUs': int(at * 1e6), 'delayUs': int(within * 1e6)})

    def test_the_delay_is_waited_out(self) -> None:
        self.arm()
        at = time.monotonic() + 0.3
        self.fire_at(at, within=10)
        self.assertGreaterEqual(time.monotonic(), at)
        self.assertEqual(self.link_text(), 'shop-2.0')

    def test_a_time_that_is_over_is_now(self) -> None:
        self.arm()
        self.fire_at(0, within=600)
        self.assertEqual(self.link_text(), 'shop-2.0')

    def test_a_time_that_makes_no_sense_is_not_waited_for(self) -> None:
        self.arm()
        self.fire_at(time.monotonic() + 3600, within=0.05)
        self.assertEqual(self.link_text(), 'shop-2.0')

    def test_the_delay_holds_up_nothing_else(self) -> None:
        self.arm()
        at = time.monotonic() + 0.4
        firing = self.runner.ask('fire', {'id': 's1', 'atUs': int(at * 1e6), 'delayUs': 400_000})
        self.runner.call('beat')
        self.assertFalse(self.runner.answered(firing))
        self.assertEqual(self.link_text(), 'shop-1.0')
        self.runner.answer(firing)


class PutBackTest(SwitchTest):
    def test_what_was_armed_is_disarmed(self) -> None:
        self.arm()
        answer = self.put_back()
        self.assertEqual((answer['link']['text'], answer['movedByOthers'], answer['started']), ('shop-1.0', False, []))
        self.assertEqual(self.told()[1:], [self.put_back_line(moved=False)])
        self.assertEqual(os.listdir(self.layout.incoming), [])
        self.assertEqual(self.runner.refusal('fire', {'id': 's1', 'atUs': None, 'delayUs': 0}), 'not-armed')

    def test_what_was_fired_is_put_back(self) -> None:
        self.arm()
        self.fire()
        self.assertEqual(self.put_back()['link']['text'], 'shop-1.0')
        self.assertEqual(self.link_text(), 'shop-1.0')
        self.assertEqual(self.told()[2:], [self.put_back_line()])
        self.assertEqual(os.listdir(self.layout.incoming), [])

    def test_to_put_back_again_answers_the_same_and_writes_nothing(self) -> None:
        self.arm()
        self.fire()
        self.assertEqual(self.put_back(), self.put_back())
        self.assertEqual(len(self.told()), 3)

    def test_the_exact_text_comes_back_whatever_it_was(self) -> None:
        for text in ('shop-0.1', '/opt/legacy/site', '../elsewhere', './shop-1.0/', 'a b\n\'"$(x)', '\udcff', 'žluťoučký'):
            with self.subTest(text):
                os.unlink(self.path('production'))
                os.symlink(text, self.path('production'))
                self.arm(**{'from': text})
                self.assertEqual(self.fire()['link']['text'], 'shop-2.0')
                self.put_back()
                self.assertEqual(self.link_text(), text)

    def test_where_no_link_was_none_is_left(self) -> None:
        os.unlink(self.path('production'))
        self.arm(**{'from': None})
        self.fire()
        self.assertEqual(self.put_back()['link']['kind'], 'absent')
        self.assertIsNone(self.link_text())

    def test_a_link_that_somebody_else_moved_is_left_alone(self) -> None:
        self.arm()
        self.fire()
        os.unlink(self.path('production'))
        os.symlink('elsewhere', self.path('production'))
        answer = self.put_back()
        self.assertEqual((answer['link']['text'], answer['movedByOthers']), ('elsewhere', True))
        self.assertEqual(self.told()[2:], [self.put_back_line(by_others=True)])

    def test_a_link_that_somebody_else_put_back_is_back(self) -> None:
        self.arm()
        self.fire()
        os.unlink(self.path('production'))
        os.symlink('shop-1.0', self.path('production'))
        self.assertFalse(self.put_back()['movedByOthers'])

    def test_a_put_back_needs_no_prepared_link(self) -> None:
        self.arm()
        self.fire()
        for name in os.listdir(self.layout.incoming):
            os.unlink(os.path.join(self.layout.incoming, name))
        self.put_back()
        self.assertEqual(self.link_text(), 'shop-1.0')

    def test_a_put_back_during_the_delay_ends_the_fire(self) -> None:
        self.arm()
        firing = self.runner.ask('fire', {'id': 's1', 'atUs': 2**53 - 1, 'delayUs': 200_000})
        self.put_back()
        with self.assertRaises(Refused) as caught:
            self.runner.answer(firing)
        self.assertEqual(caught.exception.code, 'cancelled')
        time.sleep(0.3)
        self.runner.call('beat')
        self.assertEqual(self.link_text(), 'shop-1.0')

    def test_the_answer_names_what_is_to_be_undone_latest_first(self) -> None:
        self.start_step('migrate')
        self.arm(undo=[self.undo('migrate'), self.undo('reload'), self.undo('warm'), self.undo('never started')])
        self.fire()
        for step in ('reload', 'warm'):
            self.start_step(step)
        self.assertEqual(self.put_back()['started'], ['warm', 'reload', 'migrate'])

    def test_a_step_that_could_not_be_started_is_not_undone(self) -> None:
        self.arm(undo=[self.undo('reload')])
        self.run_step(self.spec('no-such-program', step='reload'))
        self.assertEqual(self.put_back()['started'], [])

    def test_what_the_runner_undid_is_not_named_again(self) -> None:
        self.arm(undo=[self.undo('reload'), self.undo('warm')])
        self.start_step('reload')
        self.start_step('warm')
        self.put_back()
        self.run_step(self.spec('true'), undo_of='warm')
        self.assertEqual(self.put_back()['started'], ['reload'])

    def test_the_end_of_a_put_back_is_on_the_record_once(self) -> None:
        self.arm()
        self.fire()
        self.put_back()
        result = {'of': 'reload', 'ok': False, 'reason': 'exit status 1'}
        for _ in range(2):
            self.assertEqual(self.runner.call('put-back-done', {'id': 's1', 'undo': [result]}), {})
        self.assertEqual(self.told()[2:], [self.put_back_line(), self.put_back_line(result)])

    def test_what_is_not_put_back_cannot_be_closed(self) -> None:
        self.arm()
        for id in ('s1', 's2'):
            self.assertEqual(self.runner.refusal('put-back-done', {'id': id, 'undo': []}), 'not-armed')


class RefusedTest(SwitchTest):
    def assert_not_armed(self, code: str, **changes: object) -> None:
        before = self.told()
        self.assertEqual(self.runner.refusal('arm', self.intent(**changes)), code)
        self.assertEqual(self.runner.refusal('fire', {'id': 's1', 'atUs': None, 'delayUs': 0}), 'not-armed')
        self.assertEqual(self.told(), before)
        self.assertEqual(os.listdir(self.layout.incoming), [])

    def test_only_what_stands_is_armed(self) -> None:
        self.lock('shop-3.0')
        self.assert_not_armed('not-standing', to='shop-3.0')
        digest = self.begin('shop-3.0')
        self.assert_not_armed('not-standing', to='shop-3.0')
        rejection = {'revision': 'shop-3.0', 'sha256': digest, 'reason': 'tests', 'verification': [], 'keepTree': True}
        self.runner.call('reject', rejection)
        self.assert_not_armed('rejected', to='shop-3.0')

    def test_only_with_the_locks_of_stage_and_revision(self) -> None:
        self.runner.call('unlock', {'name': 'shop-2.0'})
        self.assert_not_armed('lock-lost')
        self.lock('shop-2.0', 'shared')
        self.runner.call('unlock', {'name': 'production'})
        self.assert_not_armed('lock-lost')
        self.lock('production', 'shared')
        self.assert_not_armed('lock-lost')

    def test_only_while_the_lock_files_are_those_that_are_held(self) -> None:
        for name in ('production', 'shop-2.0'):
            os.rename(self.layout.lock(name), self.path('aside'))
            self.assert_not_armed('lock-lost')
            with open(self.layout.lock(name), 'w'):
                pass
            self.assert_not_armed('lock-lost')
            os.rename(self.path('aside'), self.layout.lock(name))

    def test_only_while_the_link_is_what_it_was_planned_to_be(self) -> None:
        self.assert_not_armed('moved', **{'from': 'shop-0.9'})
        self.assert_not_armed('moved', **{'from': None})
        os.unlink(self.path('production'))
        self.assert_not_armed('moved')
        os.mkdir(self.path('production'))
        self.assert_not_armed('moved')
        self.assert_not_armed('moved', **{'from': None})
        self.assertTrue(os.path.isdir(self.path('production')))

    def test_only_names_that_are_names(self) -> None:
        self.assert_not_armed('invalid', stage='../x')
        self.assert_not_armed('invalid', to='shop-1.0/../..')

    def test_an_undo_that_could_never_run_is_refused_when_it_is_loaded(self) -> None:
        self.assert_not_armed('invalid', undo=[{'of': 'a', 'run': self.spec(), 'probe': None}])

    def test_one_switch_at_a_time(self) -> None:
        self.arm()
        self.assertEqual(self.runner.refusal('arm', self.intent(id='s2')), 'conflict')
        self.assertEqual(self.runner.refusal('arm', self.intent()), 'conflict')
        self.fire()
        self.assertEqual(self.runner.refusal('arm', self.intent(id='s2')), 'conflict')

    def test_every_step_needs_the_one_before_and_the_right_id(self) -> None:
        fire, other = {'id': 's1', 'atUs': None, 'delayUs': 0}, {'id': 's2', 'atUs': None, 'delayUs': 0}
        for name, body in [('fire', fire), ('keep', {'id': 's1'}), ('put-back', {'id': 's1'})]:
            self.assertEqual(self.runner.refusal(name, body), 'not-armed')
        self.arm()
        for name, body in [('fire', other), ('keep', {'id': 's1'}), ('put-back', {'id': 's2'})]:
            self.assertEqual(self.runner.refusal(name, body), 'not-armed')
        self.fire()
        for name, body in [('fire', fire), ('keep', {'id': 's2'}), ('put-back', {'id': 's2'})]:
            self.assertEqual(self.runner.refusal(name, body), 'not-armed')
        self.keep()
        self.assertEqual(self.runner.refusal('put-back', {'id': 's1'}), 'not-armed')
        self.assertEqual(self.link_text(), 'shop-2.0')

    def test_a_link_that_moved_after_arm_is_not_fired_over(self) -> None:
        self.arm()
        os.unlink(self.path('production'))
        os.symlink('elsewhere', self.path('production'))
        self.assertEqual(self.runner.refusal('fire', {'id': 's1', 'atUs': None, 'delayUs': 0}), 'moved')
        self.assertEqual(self.put_back()['link']['text'], 'elsewhere')

    def test_a_lock_file_that_was_replaced_after_arm_stops_the_fire(self) -> None:
        self.arm()
        os.unlink(self.layout.lock('production'))
        self.assertTrue(self.lock('production', runner=self.connect())['granted'])
        self.assertEqual(self.runner.refusal('fire', {'id': 's1', 'atUs': None, 'delayUs': 0}), 'lock-lost')
        self.assertEqual(self.link_text(), 'shop-1.0')

    def test_links_that_cannot_be_made_leave_no_open_switch(self) -> None:
        os.rmdir(self.layout.incoming)
        self.assertEqual(self.runner.refusal('arm', self.intent()), 'io')
        self.assertEqual([entry['what'] for entry in self.told()], ['intent', 'put-back'])
        os.mkdir(self.layout.incoming)
        self.arm(id='s2')


class JournalTest(SwitchTest):
    def hide_journal(self) -> None:
        os.rename(self.layout.journal, self.path('aside'))
        os.mkdir(self.layout.journal)

    def restore_journal(self) -> None:
        os.rmdir(self.layout.journal)
        os.rename(self.path('aside'), self.layout.journal)

    def test_without_a_journal_nothing_is_armed(self) -> None:
        self.hide_journal()
        self.assertEqual(self.runner.refusal('arm', self.intent()), 'io')

    def test_from_fire_on_it_is_a_warning_and_is_written_when_it_can_be(self) -> None:
        self.arm()
        self.hide_journal()
        firing = self.runner.ask('fire', {'id': 's1', 'atUs': None, 'delayUs': 0})
        self.assertEqual(self.runner.answer(firing)['link']['text'], 'shop-2.0')
        self.assertTrue(self.runner.output(firing, 2).startswith(b'stage-deploy: writing fired into the journal: '))
        self.assertEqual(self.keep()['link']['text'], 'shop-2.0')
        self.restore_journal()
        self.runner.call('close')
        self.assertEqual([entry['what'] for entry in self.told()], ['intent', 'fired', 'kept'])

    def read_back(self) -> Json:
        return self.runner.call('read-back', {'stages': ['production']})

    def test_what_is_kept_off_the_record_is_said_until_it_can_be_written(self) -> None:
        self.arm()
        self.fire()
        self.hide_journal()
        reason = 'writing kept into the journal: it is a directory, no plain file'
        self.assertTrue(self.keep()['unrecorded'].startswith(reason))
        self.assertTrue(self.read_back()['unrecorded'].startswith(reason))
        self.restore_journal()
        self.assertIsNone(self.read_back()['unrecorded'])
        self.assertEqual([entry['what'] for entry in self.told()], ['intent', 'fired', 'kept'])
        self.assertIsNone(self.keep()['unrecorded'])

    def test_what_was_never_recorded_as_kept_can_be_closed_as_that(self) -> None:
        self.arm()
        self.fire()
        self.hide_journal()
        self.keep()
        self.runner.process.kill()
        self.runner.ended()
        self.restore_journal()
        self.runner = self.connect()
        self.hold()
        self.runner.call('close-switch', {'id': 's1', 'stage': 'production', 'as': 'kept'})
        told = self.runner.call('observe', {'stages': ['production'], 'check': [], 'shared': [], 'programs': [], 'facts': []})
        production = told['stages']['production']
        self.assertEqual((production['stack'], production['switches'][0]['state']), (['shop-2.0'], 'kept'))

    def test_a_host_goes_back_without_a_journal(self) -> None:
        self.arm()
        self.fire()
        self.hide_journal()
        self.assertEqual(self.put_back()['link']['text'], 'shop-1.0')
