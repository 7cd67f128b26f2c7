import type { ReleaseOptions } from './releases.ts'

/**
 * A build backend inside the sdist (PEP 517, in-tree): it needs no index and no setuptools, but a C compiler. Each wheel
 * has a random word in it, so that two builds never make the same bytes, and each build leaves a line in the home of
 * the account.
 */
const BACKEND = `
import base64, hashlib, os, platform, subprocess, sys, sysconfig, zipfile


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open(os.path.expanduser('~/builds'), 'a') as log:
        log.write(platform.python_version() + '\\n')
    suffix = sysconfig.get_config_var('EXT_SUFFIX')
    headers = '-I' + sysconfig.get_path('include')
    subprocess.run(['cc', '-shared', '-fPIC', headers, '-o', 'speed' + suffix, 'speed.c'], check=True)
    version = open('VERSION').read().strip()
    info = 'shop-%s.dist-info/' % version
    xy = 'cp%d%d' % sys.version_info[:2]
    tag = '%s-%s-%s' % (xy, xy, sysconfig.get_platform().replace('-', '_').replace('.', '_'))
    files = {
        'shop/__init__.py': b'from shop.speed import answer\\nBUILT = %r\\n' % os.urandom(8).hex().encode(),
        'shop/speed' + suffix: open('speed' + suffix, 'rb').read(),
        info + 'METADATA': ('Metadata-Version: 2.1\\nName: shop\\nVersion: %s\\n' % version).encode(),
        info + 'WHEEL': ('Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: false\\nTag: %s\\n' % tag).encode(),
    }
    record = ''.join('%s,sha256=%s,%d\\n' % (
        name, base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b'=').decode(), len(text),
    ) for name, text in files.items())
    files[info + 'RECORD'] = (record + info + 'RECORD,,\\n').encode()
    wheel = 'shop-%s-%s.whl' % (version, tag)
    with zipfile.ZipFile(os.path.join(wheel_directory, wheel), 'w') as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return wheel
`

const EXTENSION = `
#define PY_SSIZE_T_CLEAN
#include <Python.h>
static PyObject *answer(PyObject *self, PyObject *none) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "speed", NULL, -1, methods};
PyMODINIT_FUNC PyInit_speed(void) { return PyModule_Create(&module); }
`

/** The project of the tests with a C extension, which its own package imports; `more` files by their path. */
export function withExtension(version: string, more: Readonly<Record<string, string>> = {}): ReleaseOptions {
  return {
    files: {
      ...more,
      'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
      'backend.py': BACKEND,
      'speed.c': EXTENSION,
      VERSION: version,
      'shop/__init__.py': undefined,
      'test_package.py': undefined,
    },
  }
}
