"""What the panes say of charge and energy."""

from __future__ import annotations

from app.analysis.panes.listing import Column
from app.analysis.power.energies import Energies
from app.analysis.power.meter import Measured
from app.analysis.power.text import NO_BASE, NOMINAL, SHARED, charge_text, energy_text
from app.analysis.timeline.value_axis import value_text

ENERGY, CHARGE = (
    Column("Energy", right=True, sample="888.8 µJ", spare=8),
    Column("Charge", right=True, sample="888.8 µC", spare=7),
)
MEAN = Column("Mean current", right=True, sample="888.8 µA", spare=9)
"""Where a list has too little room they are left out after most others."""


def energy_line(measured: Measured) -> str:
    """A record's energy and charge in one line: 243 µJ · 81 µC above 2.4 µA base."""
    text = f"{energy_text(measured)} · {charge_text(measured)}"
    if measured.base is not None:
        text += f" above {value_text(measured.base.amps, 'A')} base"
    return f"{text}, shared" if measured.shared else text


def energy_note(measured: Measured) -> str:
    """What to know about it, in words; empty where nothing."""
    notes = [NO_BASE] * (measured.base is None) + [NOMINAL] * measured.is_nominal + [SHARED] * measured.shared
    return "; ".join(notes)


def record_cells(energies: Energies, layer: str, no: int) -> tuple[str, str]:
    """Energy and charge of a record as cells of a list; empty where nobody knows."""
    found = energies.of(layer, no)
    return energy_text(found), charge_text(found)


def port_cells(energies: Energies, stream: int, port: int) -> tuple[str, str, str]:
    """Energy, charge and mean current of a port in all; empty where nobody knows."""
    found = energies.meter.total((stream, port))
    return energy_text(found), charge_text(found), "" if found is None else value_text(found.mean_a, "A")
