"""Errors that a user sees: what is wrong, where, and what to do about it."""

from __future__ import annotations


class UserError(Exception):
    """A fault in something the user supplied, told as what, where and what to do.

    `what` and `remedy` are plain sentences without a full stop; `where` names the file, key or option and may be empty.
    """

    def __init__(self, what: str, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}; {self.remedy}" if self.remedy else text


class UsageError(UserError):
    """An option or argument makes no sense, alone or with the others."""


class RecordingError(UserError):
    """A recording or another file cannot be read or written."""


class FilterError(UserError):
    """A filter expression is not understood."""


class MaterialError(UserError):
    """A wire profile, datasheet, key or certificate cannot be used."""
