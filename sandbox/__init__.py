"""The vendors' APIs on localhost, over a generated company or a CSV of real messages.

`python -m sandbox --port 0 --state DIR` starts it; docs/sandbox.md says what is inside.
"""

from __future__ import annotations
