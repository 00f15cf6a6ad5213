"""`python -m bench.audit`: the audit journal with a million rows, on a PostgreSQL of its own."""

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from launcher.services import start_postgres


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.audit", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    with ExitStack() as cleanup:
        data = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="appliance-bench-")))
        data.chmod(0o755)
        postgres = start_postgres(data)
        cleanup.callback(postgres.stop)
        environment = {
            **os.environ,
            "APPLIANCE_SECRET_KEY": "a key for the benchmark only",
            "APPLIANCE_DATABASE_URL": postgres.url,
            "APPLIANCE_DATA": str(data),
            "DJANGO_SETTINGS_MODULE": "appliance.settings",
        }
        for command in (["manage.py", "migrate", "--verbosity", "0"], ["-m", "bench.journal", str(options.rows)]):
            subprocess.run([sys.executable, *command], env=environment, check=True)


if __name__ == "__main__":
    main()
