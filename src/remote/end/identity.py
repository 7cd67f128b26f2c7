"""Who a revision is, however it is spelt: its name by PEP 503, its version by PEP 440. Pure.

The runner says the same (`src/version/revision-identity.ts`), from the same table of cases. Here it is looked at
again: what a host has of a revision decides, whatever name the runner gave it.
"""

import re
from typing import Optional, Tuple

# The expression of PEP 440, appendix B (packaging.version.VERSION_PATTERN; the PEP is in the public domain).
_VERSION = re.compile(
    r"""
    v?
    (?:(?P<epoch>[0-9]+)!)?
    (?P<release>[0-9]+(?:\.[0-9]+)*)
    (?:[-_.]?(?P<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<pre_n>[0-9]+)?)?
    (?P<post>-(?P<post_n1>[0-9]+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_n2>[0-9]+)?)?
    (?P<dev>[-_.]?dev[-_.]?(?P<dev_n>[0-9]+)?)?
    (?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)

_PRE = {'alpha': 'a', 'a': 'a', 'beta': 'b', 'b': 'b', 'preview': 'rc', 'pre': 'rc', 'c': 'rc', 'rc': 'rc'}


def identity(name: str, version: str) -> str:
    """Equal for two spellings of one revision, and for nothing else. A version that is none stands for itself."""
    return f'{normal_name(name)}=={_shortest(version) or version}'


def identity_of(revision: str) -> str:
    """The same for `{Name}-{version}`."""
    return identity(*name_and_version(revision))


def name_and_version(revision: str) -> Tuple[str, str]:
    """The parts of `{Name}-{version}`: a normalised PEP 440 version has no hyphen, a name may."""
    name, _, version = revision.rpartition('-')
    return name, version


def normal_name(name: str) -> str:
    """The form in which names are compared (PEP 503)."""
    return re.sub(r'[-_.]+', '-', name).lower()


def _shortest(version: str) -> Optional[str]:
    """The normal form of a version, without zeros at the end of its release: `1.0` equals `1`. Numbers stay text, of
    any length.
    """
    found = _VERSION.fullmatch(version.strip(' \t\n\v\f\r'))
    if found is None:
        return None
    part = found.groupdict()
    release = [_number(each) for each in part['release'].split('.')]
    while len(release) > 1 and release[-1] == '0':
        release.pop()
    epoch = _number(part['epoch'])
    text = ('' if epoch == '0' else epoch + '!') + '.'.join(release)
    if part['pre'] is not None:
        text += _PRE[part['pre'].lower()] + _number(part['pre_n'])
    if part['post'] is not None:
        text += '.post' + _number(part['post_n1'] or part['post_n2'])
    if part['dev'] is not None:
        text += '.dev' + _number(part['dev_n'])
    if part['local'] is not None:
        labels = re.split('[-_.]', part['local'].lower())
        text += '+' + '.'.join(_number(label) if label.isdigit() else label for label in labels)
    return text


def _number(digits: Optional[str]) -> str:
    """Without leading zeros; one that is left out is 0 (`1.0rc` is `1.0rc0`)."""
    return (digits or '').lstrip('0') or '0'
