"""A measured figure, the machine it was measured on, and how both are printed."""

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

import msgspec
import psutil
from rich.console import Console
from rich.table import Table


class Figure(msgspec.Struct, frozen=True):
    """`ratio` is ours against the peer in the same run: above 1 is better for us, whatever the unit. Both null: no peer."""

    name: str
    value: float
    unit: str
    against: str | None = None
    ratio: float | None = None


def faster(name: str, ours: Sequence[float], unit: str, against: str, peers: Sequence[float]) -> Figure:
    """Of rates, one a round: the median, and the median of the rounds' ratios, as the machine's state changes between them."""
    ratio = median(mine / theirs for mine, theirs in zip(ours, peers, strict=True))
    return Figure(name, median(ours), unit, against, ratio)


def cheaper(name: str, ours: Sequence[float], unit: str, against: str, peers: Sequence[float]) -> Figure:
    """Of costs: less is better."""
    ratio = median(theirs / mine for mine, theirs in zip(ours, peers, strict=True))
    return Figure(name, median(ours), unit, against, ratio)


def machine() -> dict[str, object]:
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "load_average": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    """As the system calls it, with what tells two of one name apart."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    name = facts.get("model name", platform.machine())
    return f"{name}, family {facts['cpu family']}, model {facts['model']}" if "cpu family" in facts else name


def as_json(bench: str, figures: Iterable[Figure]) -> str:
    return msgspec.json.encode({"bench": bench, "machine": machine(), "figures": list(figures)}).decode()


def as_table(bench: str, figures: Iterable[Figure]) -> str:
    table = Table(title=bench, caption=", ".join(f"{name} {value}" for name, value in machine().items()))
    for title in ("figure", "value", "unit", "against", "ratio"):
        table.add_column(title, justify="right" if title in ("value", "ratio") else "left")
    for one in figures:
        ratio = "" if one.ratio is None else f"{one.ratio:.3g}"
        table.add_row(one.name, f"{one.value:,.4g}", one.unit, one.against or "", ratio)
    console = Console(width=150)
    with console.capture() as captured:
        console.print(table)
    return captured.get()
