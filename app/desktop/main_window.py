"""The main window: puts the panes together and hands what the user does to them. It holds no logic of its own."""

from __future__ import annotations
