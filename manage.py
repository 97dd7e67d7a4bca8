"""Django's command-line utility; ``bin/manage`` calls it with the servers up."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line
from django.db import ProgrammingError
from psycopg2.errors import UndefinedTable


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailgw.settings")
    try:
        execute_from_command_line(sys.argv)
    except ProgrammingError as error:
        if not isinstance(error.__cause__, UndefinedTable):
            raise
        sys.exit(
            f"{error}\nThe database lacks tables: bin/manage migrate makes them, as bin/start does."
        )


if __name__ == "__main__":
    main()
