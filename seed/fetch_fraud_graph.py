"""Fetches the fraud graph of graph-notebook 5.3.0 (Apache-2.0) once, verified by its hash."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

LOCK = Path(__file__).with_name("fraud_graph.lock")
FILE = Path("graph_notebook/seed/queries/propertygraph/gremlin/fraud_graph/fraud_graph.txt")


def fetch_fraud_graph(cache: Path) -> Path:
    """Return the file from the cache folder, filled on the first call.

    Raises:
        subprocess.CalledProcessError: the wheel cannot be fetched, or its hash differs.
    """
    kept = cache / FILE.name
    if kept.exists():
        return kept
    cache.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=cache) as folder:
        arguments = ["--quiet", "--no-deps", "--require-hashes", "--target", folder]
        subprocess.run([*_installer(), *arguments, "--requirement", str(LOCK)], check=True)  # noqa: S603
        (Path(folder) / FILE).replace(kept)
    return kept


def _installer() -> list[str]:
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install"]


if __name__ == "__main__":
    sys.stdout.write(f"{fetch_fraud_graph(Path(sys.argv[1]))}\n")
