import errno
import unittest

from end.refusal import from_os_error


class FromOsError(unittest.TestCase):
    def test_gives_every_error_a_code_that_a_plan_can_act_on(self) -> None:
        codes = {
            name: from_os_error(OSError(number, 'why'), 'sealing').code
            for name, number in (
                ('full disk', errno.ENOSPC), ('full quota', errno.EDQUOT), ('closed', errno.EACCES),
                ('not owner', errno.EPERM), ('read-only', errno.EROFS), ('broken', errno.EIO),
            )
        }
        self.assertEqual(codes, {
            'full disk': 'no-space', 'full quota': 'no-space', 'closed': 'permission',
            'not owner': 'permission', 'read-only': 'read-only', 'broken': 'io',
        })

    def test_says_what_happened_where(self) -> None:
        refusal = from_os_error(PermissionError(errno.EACCES, 'Permission denied', '/var/webcode/a\nb'), 'sealing shop-1.0')
        self.assertEqual(refusal.message, 'sealing shop-1.0: Permission denied (/var/webcode/a\\nb)')
        self.assertEqual(refusal.detail, {'errno': 'EACCES', 'path': '/var/webcode/a\\nb'})
