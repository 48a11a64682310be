"""Charge and energy in words: for trees, panes, and between the markers."""

from __future__ import annotations

from app.analysis.capture import RecordEnergies
from app.analysis.power.meter import Measured, Meter
from app.analysis.timeline.markers import Measure, Reading
from app.analysis.timeline.value_axis import value_text
from decoders.core.span import Span
from decoders.power.notices import Place

NO_BASE = "no idle time before it, so that no base load is taken off"
NOMINAL = "at the nominal voltage"
SHARED = "shared with what overlaps it"


def charge_text(measured: Measured | None) -> str:
    """A charge such as 81.2 µC; empty where nobody knows."""
    return "" if measured is None else value_text(measured.charge_c, "C")


def energy_text(measured: Measured | None) -> str:
    """An energy such as 243 µJ; empty where nobody knows."""
    return "" if measured is None else value_text(measured.energy_j, "J")


def measured_text(measured: Measured) -> str:
    """Charge and energy of a record, and what to know about them: 81.2 µC, 243 µJ above 12.4 µA."""
    text = f"{charge_text(measured)}, {energy_text(measured)}"
    if measured.base is not None:
        text += f" above {value_text(measured.base.amps, 'A')}"
    notes = [NO_BASE] * (measured.base is None) + [NOMINAL] * measured.is_nominal + [SHARED] * measured.shared
    return f"{text} ({'; '.join(notes)})" if notes else text


def took_text(energies: RecordEnergies | None, layer: str, no: int) -> str:
    """The same of a record by its number; empty where nobody knows."""
    found = energies.of(layer, no) if energies is not None else None
    return "" if found is None else measured_text(found)


def between_markers(meter: Meter, place: Place | None = None) -> Measure | None:
    """What the ribbon between the markers reads besides the time; for `Timeline.measure`. None where no current is wired.

    Charge and energy of one port, or of all that are wired together, with nothing taken off.
    """
    places = meter.places if place is None else [place]
    if not meter.is_wired:
        return None

    def measure(start: int, end: int) -> list[Reading]:
        found = [meter.measure(each, Span(start, end)) for each in places]
        known = [one for one in found if one is not None]
        if len(known) < len(places):
            return []
        charge, energy = sum(one.charge_c for one in known), sum(one.energy_j for one in known)
        all_ports = f", {len(places)} ports" if len(places) > 1 else ""
        return [Reading(f"charge{all_ports}", value_text(charge, "C")), Reading("energy", value_text(energy, "J"))]

    return measure
