"""What it costs, against a named peer in the same run: `./run bench NAME [--json]`. Figures stand in docs/benchmarks.md."""

from concord.config import read_config
from concord.site import wiring

wiring.prepare_django(read_config({}))  # before any benchmark imports a record
