"""Reads what scim-sanity found, as JSON, and fails where something is no success, even a warning."""

import json
import sys

text = sys.stdin.read()
found = json.loads(text[text.index("{"):])
results = found["results"]
bad = [result for result in results if result["status"] not in ("pass", "skip")]
for result in bad:
    print(f"{result['status']}: {result['name']}: {result['message']}", file=sys.stderr)
print(sum(result["status"] == "pass" for result in results))
sys.exit(bool(bad) or not results)
