"""Which analogue trace is which port's current or voltage: from `--power` options, or from the names of the traces."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.analysis.wiring.option import WiringOption, channel_text
from app.analysis.wiring.wiring import MAX_PORT
from decoders.bus.wiring import PowerRail, RailName, Wiring

_RAILS: Mapping[str, RailName] = {"low": "low", "high": "high"}
_MOST = 1e12
_NAME = re.compile(
    r"(?:(?P<current>current|i)|(?P<voltage>voltage|v))[_-]?(?P<port>[0-9]{1,3})?(?:[_-](?:(?P<high>12v|high)|3v|low))?"
)


def power_from_names(traces: Sequence[str], stream: int = 0) -> tuple[PowerRail, ...]:
    """The rails that the names of the analogue traces speak of, by port, the low rail of each first.

    Names such as current1 or i1, voltage1 or v1, in any case; `_12v` or `_high` behind it is the high rail. One without a number
    is port 1's. Two traces with the same meaning, or a port that there cannot be, wire nothing.
    """
    found: dict[tuple[int, bool], dict[str, int]] = {}
    for trace, name in enumerate(traces):
        if match := _NAME.fullmatch(name.strip().lower()):
            port = int(match["port"] or 1)
            rail = found.setdefault((port, bool(match["high"])), {})
            if rail.setdefault("current" if match["current"] else "voltage", trace) != trace or not 1 <= port <= MAX_PORT:
                return ()
    return tuple(
        PowerRail(rail.get("current"), rail.get("voltage"), port, stream, "high" if is_high else "low")
        for (port, is_high), rail in sorted(found.items())
    )


def with_power(wiring: Wiring, options: Sequence[str], traces: Sequence[str]) -> Wiring:
    """A wiring with the rails that `--power` options describe; without any, those that it has or the traces' names speak of.

    UsageError names what is wrong in which option, and what is known instead.
    """
    if not options:
        stream = wiring.spi[0].stream if wiring.spi else 0
        return wiring if wiring.power else replace(wiring, power=power_from_names(traces, stream))
    rails: list[PowerRail] = []
    roles: dict[int, str] = {}
    for text in options:
        option = WiringOption("--power", text, traces)
        rail = _rail(option, wiring)
        if any((rail.stream, rail.port, rail.rail) == (other.stream, other.port, other.rail) for other in rails):
            raise option.error(
                f"the {rail.rail} rail of port {rail.port} is wired twice", "number the ports or name the rails apart"
            )
        for role, trace in (("current", rail.current), ("voltage", rail.voltage)):
            if trace is not None and roles.setdefault(trace, role) != role:
                name = option.channel_name(trace)
                raise option.error(f"trace {name} is a current and a voltage at once", "give each its own trace")
        rails.append(rail)
    return replace(wiring, power=tuple(rails))


def _rail(option: WiringOption, wiring: Wiring) -> PowerRail:
    rail = PowerRail(
        option.channel("current"),
        option.channel("voltage"),
        option.number("port", 1, range(1, MAX_PORT + 1)),
        rail=option.choice("rail", "low", _RAILS),
        scale=option.real("scale", 1.0),
        offset=option.real("offset", 0.0),
    )
    usual = wiring.streams[wiring.spi[0].stream if wiring.spi else 0]
    name = option.word("name", usual)
    option.finish()
    if rail.current is None and rail.voltage is None:
        raise option.error("the rail has no trace", "name its current, its voltage or both")
    if not rail.scale:
        raise option.error("a scale of zero makes every current the same", "write how many amperes one unit of the trace is")
    if not 1 / _MOST <= abs(rail.scale) <= _MOST or abs(rail.offset) > _MOST:
        raise option.error("scale or offset is out of all proportion", f"keep between {1 / _MOST:g} and {_MOST:g}")
    if name not in wiring.streams:
        raise option.error(f"there is no stream named {name!r}", f"known are {', '.join(wiring.streams)}")
    return replace(rail, stream=wiring.streams.index(name))


def power_to_text(wiring: Wiring, traces: Sequence[str]) -> list[str]:
    """The `--power` options that describe the rails of this wiring; what has its usual value is left out."""
    return [_text(rail, wiring, traces) for rail in wiring.power]


def _text(rail: PowerRail, wiring: Wiring, traces: Sequence[str]) -> str:
    parts = [f"port={rail.port}"]
    for role, trace in (("current", rail.current), ("voltage", rail.voltage)):
        if trace is not None:
            parts.append(f"{role}={channel_text(trace, traces)}")
    if rail.rail != "low":
        parts.append(f"rail={rail.rail}")
    if rail.scale != 1:
        parts.append(f"scale={rail.scale!r}")
    if rail.offset:
        parts.append(f"offset={rail.offset!r}")
    if rail.stream != (wiring.spi[0].stream if wiring.spi else 0):
        parts.append(f"name={wiring.streams[rail.stream]}")
    return ",".join(parts)
