"""Values of secrets and how programs print them: what both sides are held to."""

import json
import os
from typing import Any, Dict, List

_FILE = os.path.join(os.path.dirname(__file__), '..', '..', 'report', 'spellings.json')


def secret_cases() -> List[Dict[str, Any]]:
    with open(_FILE, encoding='utf-8') as file:
        cases: List[Dict[str, Any]] = json.load(file)
    return cases
