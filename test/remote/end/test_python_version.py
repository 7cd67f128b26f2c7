"""A host may have Python 3.8: nothing newer may be written in the remote end, whatever Python runs these tests."""

import ast
import os
import unittest
from typing import Dict, FrozenSet, Iterator, List

import end


def _table(text: str) -> Dict[str, FrozenSet[str]]:
    lines = (line.split(':') for line in text.strip().splitlines())
    return {module.strip(): frozenset(names.split()) for module, names in lines}


# What the modules of 3.11 and 3.13 have and those of 3.8 have not (by `dir`), for those that a program like ours may use.
NEWER = _table('''
    builtins: BaseExceptionGroup EncodingWarning ExceptionGroup PythonFinalizationError aiter anext
    concurrent.futures: InvalidStateError
    contextlib: AsyncContextDecorator aclosing chdir
    dataclasses: KW_ONLY
    datetime: UTC
    enum: EnumCheck EnumType FlagBoundary ReprEnum StrEnum global_enum member nonmember property verify
    fcntl: F_GETPIPE_SZ F_SETPIPE_SZ F_OFD_GETLK F_OFD_SETLK F_OFD_SETLKW FICLONE
    functools: cache
    glob: translate
    hashlib: file_digest
    itertools: batched pairwise
    math: cbrt exp2 fma lcm nextafter sumprod ulp
    operator: call
    os: P_PIDFD eventfd pidfd_open process_cpu_count setns splice timerfd_create unshare waitstatus_to_exitcode
    pathlib: UnsupportedOperation
    platform: freedesktop_os_release
    queue: ShutDown
    random: binomialvariate randbytes
    re: NOFLAG PatternError
    signal: pidfd_send_signal
    socket: recv_fds send_fds
    sys: exception orig_argv platlibdir stdlib_module_names
    tarfile: AbsolutePathError FilterError OutsideDestinationError data_filter fully_trusted_filter tar_filter
    threading: setprofile_all_threads settrace_all_threads
    types: EllipsisType GenericAlias NoneType NotImplementedType UnionType
    typing: Annotated Concatenate LiteralString Never NotRequired ParamSpec ReadOnly Required Self TypeAlias TypeGuard \
TypeIs TypeVarTuple Unpack assert_never assert_type dataclass_transform is_typeddict override reveal_type
''')
NEWER_MODULES = frozenset(['annotationlib', 'compression', 'graphlib', 'tomllib', 'zoneinfo'])
NEWER_METHODS = frozenset(['add_note', 'bit_count', 'is_integer', 'removeprefix', 'removesuffix'])
# zip, subprocess.Popen, rmtree, ThreadPoolExecutor.shutdown, logging.basicConfig.
NEWER_ARGUMENTS = frozenset(['cancel_futures', 'onexc', 'pipesize', 'process_group', 'strict'])
# Before 3.9 these cannot be subscripted where Python evaluates it.
PLAIN_GENERICS = frozenset(['dict', 'frozenset', 'list', 'set', 'tuple', 'type'])


def too_new(source: str) -> List[str]:
    """What Python 3.8 would not run. Raises SyntaxError for what it would not even read."""
    tree = ast.parse(source, feature_version=(3, 8))
    return [f'line {_line(node)}: {name}' for node in ast.walk(tree) for name in _newer(node)]


def _line(node: ast.AST) -> int:
    # A keyword has no place of its own before 3.9.
    return getattr(node.value if isinstance(node, ast.keyword) else node, 'lineno', 0)


def _newer(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in NEWER_MODULES)
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ''
        yield from [module] if module in NEWER_MODULES else []
        yield from (f'{module}.{alias.name}' for alias in node.names if alias.name in NEWER.get(module, ()))
    elif isinstance(node, ast.Name) and node.id in NEWER['builtins']:
        yield node.id
    elif isinstance(node, ast.Attribute):
        whole = ast.unparse(node.value) if hasattr(ast, 'unparse') else getattr(node.value, "id", "")
        if node.attr in NEWER.get(whole, ()) or node.attr in NEWER_METHODS:
            yield f'{whole}.{node.attr}'
    elif isinstance(node, ast.keyword) and node.arg in NEWER_ARGUMENTS:
        yield f'{node.arg}='
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in PLAIN_GENERICS:
        yield f'{node.value.id}[]'
    for hint in (getattr(node, 'annotation', None), getattr(node, 'returns', None)):
        # `X | None`, before 3.10.
        if isinstance(hint, ast.expr) and any(isinstance(each, ast.BitOr) for each in ast.walk(hint)):
            yield '|'


class PythonVersion(unittest.TestCase):
    def test_every_module_is_one_that_python_3_8_runs(self) -> None:
        folder = os.path.dirname(str(end.__file__))
        names = sorted(name for name in os.listdir(folder) if name.endswith('.py'))
        self.assertIn('main.py', names)
        found: Dict[str, List[str]] = {}
        for name in names:
            with open(os.path.join(folder, name), encoding='utf-8') as file:
                found[name] = too_new(file.read())
        self.assertEqual({name: problems for name, problems in found.items() if problems}, {})

    def test_newer_syntax_is_found(self) -> None:
        for source in ('match x:\n case 1: pass', 'type X = int', 'def f[T](x: T): pass', 'try: pass\nexcept* E: pass'):
            with self.assertRaises(SyntaxError, msg=source):
                too_new(source)

    def test_newer_modules_names_arguments_and_hints_are_found(self) -> None:
        sources = [
            'import tomllib', 'from zoneinfo import ZoneInfo', 'from typing import Self', 'import os; os.pidfd_open(1)',
            'raise ExceptionGroup', 'zip(a, strict=True)', 'x: list[int] = []', 'def f(x: int | None): pass',
            'def f() -> int | None: pass', 'name.removeprefix("b")',
        ]
        self.assertEqual([too_new(source) for source in sources], [['line 1: ' + name] for name in (
            'tomllib', 'zoneinfo', 'typing.Self', 'os.pidfd_open', 'ExceptionGroup', 'strict=', 'list[]', '|', '|',
            'name.removeprefix',
        )])
