import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'

/** Asks `decide` of `src/remote/end/switch.py`, the very function that runs on hosts, for every state and input. */
const ASK = `
import json, sys
from typing import get_args
sys.path.insert(0, sys.argv[1])
from end.switch import CAN_FAIL, Accepted, Input, State, Switch, decide
moves = {}
for state in get_args(State):
    for given in get_args(Input):
        decision = decide(Switch(state, None if state == 'idle' else 'a'), given, 'a')
        if isinstance(decision, Accepted):
            moves[f'{state} {given}'] = {
                'effects': decision.effects, 'well': decision.then.state, 'badly': decision.otherwise.state,
                'ifFailed': decision.if_failed, 'canFail': decision.effects[:1] != () and decision.effects[0] in CAN_FAIL,
            }
print(json.dumps(moves))
`

const State = v.picklist([
  'idle',
  'armed',
  'firing',
  'fired',
  'kept',
  'put-back',
  'left',
  'returned',
  'taken',
])

const Effect = v.picklist([
  'prepare',
  'find',
  'wait',
  'stop-waiting',
  'rename',
  'rename-back',
  'remove-links',
  'forget-undo',
  'record-fired',
  'record-kept',
  'record-put-back',
  'record-put-back-failed',
  'record-undo',
])

const Table = v.record(
  v.string(),
  v.object({
    effects: v.array(Effect),
    well: State,
    badly: State,
    ifFailed: v.array(Effect),
    canFail: v.boolean(),
  }),
)

/** A host's states, as `switch.py` names them. What it does and this does not know fails the tests. */
export type HostState = v.InferOutput<typeof State>
export type HostEffect = v.InferOutput<typeof Effect>
export type HostMove = v.InferOutput<typeof Table>[string]
export type HostInput = 'arm' | 'adopt' | 'fire' | 'due' | 'put-back' | 'done' | 'keep' | 'loss'

const sources = fileURLToPath(new URL('../../../src/remote', import.meta.url))
const table = v.parse(
  Table,
  JSON.parse(execFileSync('python3', ['-I', '-B', '-c', ASK, sources], { encoding: 'utf8' })),
)

/** Undefined: it is refused. */
export const hostMove = (state: HostState, input: HostInput): HostMove | undefined =>
  table[`${state} ${input}`]
