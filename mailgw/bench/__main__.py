"""``python -m mailgw.bench [--messages N,…] [NAME…]``: one JSON object a line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence

from mailgw.bench import ingest, latency, pages, quarantine, search
from mailgw.bench.result import BenchError, Result
from mailgw.embedded.errors import EmbeddedError
from mailgw.launcher.children import ChildKeepsDying
from mailgw.launcher.terminal import tell

Benchmark = Callable[[Sequence[int]], Iterator[Result]]
BENCHMARKS: dict[str, tuple[Benchmark, list[int]]] = {
    "ingest": (ingest.run, [20_000, 69_000]),
    "latency": (latency.run, [2_000]),
    "pages": (pages.run, [1_000_000]),
    "quarantine": (quarantine.run, [500_000]),
    "search": (search.run, [100_000, 1_000_000]),
}


def main() -> int:
    options = parse(sys.argv[1:])
    try:
        for name in options.names or BENCHMARKS:
            run, sizes = BENCHMARKS[name]
            for result in run(options.messages or sizes):
                sys.stdout.write(f"{result.as_json()}\n")
                sys.stdout.flush()
    except (BenchError, EmbeddedError, ChildKeepsDying) as error:
        tell(str(error))
        return 1
    return 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    defaults = "; ".join(
        f"{name}: {', '.join(f'{size:,}' for size in sizes)}"
        for name, (_, sizes) in BENCHMARKS.items()
    )
    parser = argparse.ArgumentParser(
        prog="bin/bench",
        description="Benchmarks: one JSON object a line with name, value, unit, peer, ratio.",
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; default: all"
    )
    parser.add_argument(
        "--messages",
        type=sizes_of,
        metavar="N,…",
        help=f"mails to simulate, growing sizes (default: {defaults})",
    )
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in BENCHMARKS:
            parser.error(f"there is no benchmark {name}: take {', '.join(BENCHMARKS)}")
    return options


def sizes_of(text: str) -> list[int]:
    sizes = sorted(int(part) for part in text.split(","))
    if sizes[0] <= 0:
        raise ValueError
    return sizes


if __name__ == "__main__":
    sys.exit(main())
