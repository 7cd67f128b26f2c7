"""A remote end that says what it was told to: for what the runner does with whatever a host may say.

    told-host.py ANSWERS -I -S -B -X utf8 -c BOOTSTRAP SIZE NONCE stage-deploy python listening

ANSWERS is a file of JSON: `answers` by request; `refusals`, which go before them; `output`, lines that every program prints;
`noise`, what is printed before the greeting; `silent`, requests that are never answered, of which the file `ready` then tells.
"""

import json
import os
import struct
import sys


def read(count):
    pieces = []
    while count > 0:
        piece = os.read(0, count)
        if not piece:
            sys.exit(0)
        pieces.append(piece)
        count -= len(piece)
    return b''.join(pieces)


def write(kind, payload):
    data = struct.pack('>IB', 1 + len(payload), kind) + payload
    while data:
        data = data[os.write(1, data) :]


def answer(request, said):
    number, name = request['id'], request['do']
    if name in said.get('silent', ()):
        open(said['ready'], 'w', encoding='utf-8').close()
        return
    if name in ('run', 'boot', 'probe'):
        for stream in (1, 2):
            for line in said['output']:
                write(0x4F, struct.pack('>IB', number, stream) + line.encode('utf-8', 'replace') + b'\n')
    if name in said['refusals']:
        write(0x4A, json.dumps({'id': number, 'error': said['refusals'][name]}, separators=(',', ':')).encode())
    else:
        # What was received is told as it was announced.
        usual = {'sha256': request['with'].get('sha256'), 'bytes': request['with'].get('bytes')} if name == 'receive' else {}
        write(0x4A, json.dumps({'id': number, 'ok': said['answers'].get(name, usual)}, separators=(',', ':')).encode())
    if name == 'close':
        sys.exit(0)


with open(sys.argv[1], encoding='utf-8') as file:
    said = json.load(file)
size, nonce = sys.argv[-5:-3]
os.write(1, said['noise'].encode('utf-8', 'replace'))
os.write(2, said['noise'].encode('utf-8', 'replace'))
os.write(1, f'\nstage-deploy {nonce} listening\n'.encode())
read(int(size))
os.write(1, f'\nstage-deploy {nonce} ready\n'.encode())
waiting = {}
while True:
    length, kind = struct.unpack('>IB', read(5))
    payload = read(length - 1)
    if kind == 0x44:
        number = struct.unpack('>I', payload[:4])[0]
        if len(payload) == 4 and number in waiting:
            answer(waiting.pop(number), said)
        continue
    request = json.loads(payload)
    if request['do'] in ('receive', 'receive-products'):
        waiting[request['id']] = request
    else:
        answer(request, said)
