"""How the value of a secret is spelt in what programs print: as it is, and as JSON, Python, URLs, shells and HTML write it.

The runner knows the same spellings, from `report/secret-spellings.ts`; `test/report/spellings.json` holds both to it.
Each spelling is made by one small function of one character, so that a value has a few dozen texts at most.
"""

import re
from typing import Callable, Dict, Iterator, List, Mapping, Optional

# A part of a value that is shorter (a brace, `---`) says nothing, but stands in every other output.
SHORTEST_PART = 4

_BLANKS = ' \t\n\v\f\r'

# The password of a URL (RFC 3986, 3.2.1): programs print it without the rest, and the rest without it.
_PASSWORD = re.compile(r'://[^/?#:@ \t\n\v\f\r]*:([^/?#\t\n\v\f\r ]+)@')
_PERCENT = re.compile(r'(?:%[0-9A-Fa-f]{2})+')

_Test = Callable[[str], bool]
_Code = Callable[[str], str]


def spellings_of(value: str) -> List[str]:
    """The texts that stand for this value, each once; the value itself first."""
    texts = {text: None for text in (value, value.strip(_BLANKS)) if text.strip(_BLANKS)}
    for part in dict.fromkeys(_parts(value)):
        if len(part) >= SHORTEST_PART:
            texts.update((part.translate(style), None) for style in _STYLES)
            # JSON in JSON, as logs have it; a text of Python on a page of errors.
            texts[part.translate(_JSON).translate(_JSON)] = None
            texts[part.translate(_REPR).translate(_HTML)] = None
    return list(texts)


def _parts(value: str) -> Iterator[str]:
    """What a program may print by itself."""
    whole = value.strip(_BLANKS)
    if not whole:
        return
    yield value
    yield whole
    for line in re.split(r'\r\n|[\r\n]', value):
        yield line.strip(_BLANKS)
    for password in _PASSWORD.findall(value):
        yield password
        yield _PERCENT.sub(_decoded, password)


def _decoded(escapes: 're.Match[str]') -> str:
    try:
        return bytes.fromhex(escapes[0].replace('%', '')).decode('utf-8')
    except UnicodeDecodeError:
        return escapes[0]


class _Style(Dict[int, str]):
    """For str.translate: characters that have a spelling of their own, and a code for those that need one."""

    def __init__(self, own: Mapping[str, str], coded: Optional[_Test] = None, code: Optional[_Code] = None) -> None:
        super().__init__((ord(character), text) for character, text in own.items())
        self._coded = coded
        self._code = code

    def __missing__(self, number: int) -> str:
        character = chr(number)
        is_coded = self._coded is not None and self._code is not None and self._coded(character)
        self[number] = self._code(character) if is_coded and self._code is not None else character
        return self[number]


# Which characters are written as a code.


def _control(character: str) -> bool:
    return character < ' '


def _beyond_ascii(character: str) -> bool:
    return not ' ' <= character <= '~'


def _unprintable(character: str) -> bool:
    return not character.isprintable()


def _outside(kept: str) -> _Test:
    safe = frozenset('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789' + kept)
    return lambda character: character not in safe


def _among(characters: str) -> _Test:
    return lambda character: character in characters


# The codes. Bytes are those of UTF-8.


def _u(character: str) -> str:
    units = character.encode('utf-16-be', 'surrogatepass')
    return ''.join(f'\\u{units[at]:02x}{units[at + 1]:02x}' for at in range(0, len(units), 2))


def _upper_u(character: str) -> str:
    return _u(character).upper().replace('\\U', '\\u')


def _x(character: str) -> str:
    number = ord(character)
    return f'\\x{number:02x}' if number < 0x100 else f'\\u{number:04x}' if number < 0x10000 else f'\\U{number:08x}'


def _per_byte(form: str) -> _Code:
    return lambda character: ''.join(form.format(byte) for byte in character.encode('utf-8', 'surrogateescape'))


def _backslashed(character: str) -> str:
    return '\\' + character


def _entity(character: str) -> str:
    return f'&#{ord(character)};'


_bytes_x = _per_byte('\\x{:02x}')
_octal = _per_byte('\\{:03o}')
_percent = _per_byte('%{:02X}')
_lower_percent = _per_byte('%{:02x}')

# JSON (RFC 8259, 7).
_IN_JSON = {'"': '\\"', '\\': '\\\\', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t'}
_SLASH = {'/': '\\/'}
_JSON = _Style(_IN_JSON, _control, _u)


def _u_of(characters: str, code: _Code = _u) -> Dict[str, str]:
    return {character: code(character) for character in characters}


_IN_REPR = {'\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t'}
_QUOTE = {"'": "\\'"}
_REPR = _Style(_IN_REPR, _unprintable, _x)

_AND = {'&': '&amp;', '<': '&lt;', '>': '&gt;'}
_HTML = _Style({**_AND, '"': '&quot;', "'": '&#x27;'})

_ANSI_C = {
    '\\': '\\\\', "'": "\\'", '\a': '\\a', '\b': '\\b', '\x1b': '\\E', '\f': '\\f', '\n': '\\n', '\r': '\\r',
    '\t': '\\t', '\v': '\\v',
}

# What a URL keeps beside letters and digits.
_KEPT_IN_URLS = (
    "-_.!~*'()",  # encodeURIComponent
    "-_.!~*'();/?:@&=+$,#",  # encodeURI
    '-_.~',  # quote(safe=''), rawurlencode
    '-_.~/',  # quote
    "-_.~!$&'()*+,;=",  # a user and a password (RFC 3986, 3.2.1)
    '-_.~$&+,;=',  # the same in Go
    "-_.~!$&'()*+,%",  # the same in browsers and Node
    "-_.~!#$%&'()*+,/:;=?@[]",  # requests
    "-_.~!$%&()*+,/:;=?@[]\\^`{|}",  # a query in browsers and Node
)
_KEPT_IN_FORMS = (
    '-_.~',  # quote_plus
    '-_.',  # urlencode of PHP
    '-_.*',  # URLSearchParams, URLEncoder of Java
    "-_.!~*'()",  # encodeURIComponent, then `+`
)

_STYLES = (
    _Style({}),
    _JSON,
    _Style(_IN_JSON, _beyond_ascii, _u),  # json.dumps
    _Style(_IN_JSON, _beyond_ascii, _upper_u),
    _Style({**_IN_JSON, **_SLASH}, _control, _u),
    _Style({**_IN_JSON, **_SLASH}, _beyond_ascii, _u),  # PHP
    _Style({**_IN_JSON, **_u_of('<>&\u2028\u2029')}, _control, _u),  # Go
    _Style({**_IN_JSON, **_u_of("<>&'")}, _beyond_ascii, _u),  # Jinja
    _Style({**_IN_JSON, **_u_of('<>&', _upper_u)}, _beyond_ascii, _u),  # json_script of Django
    _Style({**_IN_JSON, **_SLASH, **_u_of('<>&\'"', _upper_u)}, _beyond_ascii, _u),  # JSON_HEX_* of PHP
    _Style({**_IN_JSON, **_u_of('<>&\'"+`', _upper_u)}, _beyond_ascii, _upper_u),  # .NET
    _Style(_u_of('\\\'"<>&=-;`\u2028\u2029', _upper_u), _control, _upper_u),  # escapejs of Django
    _REPR,
    _Style({**_IN_REPR, **_QUOTE}, _unprintable, _x),
    _Style(_IN_REPR, _beyond_ascii, _x),  # ascii()
    _Style({**_IN_REPR, **_QUOTE}, _beyond_ascii, _x),
    _Style(_IN_REPR, _beyond_ascii, _bytes_x),  # repr() of bytes
    _Style({**_IN_REPR, **_QUOTE}, _beyond_ascii, _bytes_x),
    *(_Style({}, _outside(kept), code) for kept in _KEPT_IN_URLS for code in (_percent, _lower_percent)),
    *(_Style({' ': '+'}, _outside(kept), code) for kept in _KEPT_IN_FORMS for code in (_percent, _lower_percent)),
    _Style({"'": "'\\''"}),  # bash
    _Style({"'": "'\"'\"'"}),  # shlex.quote
    _Style(_ANSI_C, _control, _octal),  # $'…'
    _Style(_ANSI_C, _beyond_ascii, _octal),
    _Style({}, _among(' \t\'"\\|&;()<>!{}*[]?^$`,'), _backslashed),  # printf %q
    _Style({}, _among('$`"\\'), _backslashed),  # between double quotes
    _Style({}, _among('$`"\\!'), _backslashed),
    _Style(_AND),
    _Style({**_AND, '"': '&quot;'}),
    _HTML,
    _Style({**_AND, '"': '&quot;', "'": '&#39;'}),
    _Style({**_AND, '"': '&quot;', "'": '&#039;'}),
    _Style({**_AND, '"': '&quot;', "'": '&apos;'}),
    _Style({**_AND, '"': '&#34;', "'": '&#39;'}),
    _Style(_AND, _beyond_ascii, _entity),  # XML in ASCII
    _Style({**_AND, '"': '&quot;'}, _beyond_ascii, _entity),
)
