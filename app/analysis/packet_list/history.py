"""Where one has been: back and forward, as in a browser."""

from __future__ import annotations

from typing import Generic, TypeVar

MOST = 500
Place = TypeVar("Place")


class History(Generic[Place]):
    """Places in the order in which they were visited; the oldest are forgotten."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._at = -1

    @property
    def can_go_back(self) -> bool:
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        return self._at + 1 < len(self._places)

    def visit(self, place: Place, *, beside: bool = False) -> None:
        """Come to a place; one `beside` the last replaces it, so that walking through a list leaves one entry."""
        if self._at >= 0 and self._places[self._at] == place:
            return
        keep = self._at if beside and self._at >= 0 else self._at + 1
        self._places = [*self._places[:keep], place][-MOST:]
        self._at = len(self._places) - 1

    def back(self) -> Place | None:
        """The place before; None where there is none."""
        if not self.can_go_back:
            return None
        self._at -= 1
        return self._places[self._at]

    def forward(self) -> Place | None:
        """The place that `back` left."""
        if not self.can_go_forward:
            return None
        self._at += 1
        return self._places[self._at]
