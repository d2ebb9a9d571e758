"""Sends events with a library of Segment's shape: MODULE HOST KEY NAME COUNT; prints what failed.

MODULE is `segment.analytics.client` or `rudderstack.analytics.client`.
"""

import importlib
import json
import sys
import time

module, host, key, name, count = sys.argv[1:]
failed = []
client = importlib.import_module(module).Client(
    key, host=host, gzip=True, upload_size=20, upload_interval=0.1, max_retries=20,
    on_error=lambda error, items: failed.append(str(error)),
)  # fmt: skip
for n in range(int(count)):
    said = {"user_id": f"{name}-{n % 7}", "message_id": f"{name}-{n}", "context": {"n": n}}
    if n % 3 == 0:
        client.track(event="Looked", properties={"price": n / 8, "when": "é\u2028"}, **said)
    elif n % 3 == 1:
        client.identify(traits={"plan": "pro", "email": f"{n}@example.org"}, **said)
    else:
        client.page(category="shop", name="Home", properties={"path": f"/{n}"}, **said)
    if n % 10 == 0:
        time.sleep(0.05)
client.flush()
client.join()
print(json.dumps(failed))
