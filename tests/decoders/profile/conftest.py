"""Random profiles take longer to make on a busy machine, which is no fault of theirs."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("without deadlines", deadline=None)
settings.load_profile("without deadlines")
