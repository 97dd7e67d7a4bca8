"""``python -m mailgw.launcher manage COMMAND …`` or ``start [--port N] [LOG…]``."""

from __future__ import annotations

import sys

from mailgw.embedded.errors import EmbeddedError
from mailgw.launcher.environment import read_dotenv
from mailgw.launcher.manage import run_command
from mailgw.launcher.start import StartError, start
from mailgw.launcher.terminal import tell

ACTIONS = {"manage": run_command, "start": start}


def main() -> int:
    read_dotenv()
    try:
        return ACTIONS[sys.argv[1]](sys.argv[2:])
    except (EmbeddedError, StartError) as error:
        tell(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
