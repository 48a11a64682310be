"""Every shortcut of the window: the one table that menus, tooltips and the shortcut list are made from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An action's name in the code, its keys, and what it does, under the heading of a group."""

    action: str
    keys: str
    text: str
    group: str


SHORTCUTS = (
    Shortcut("open", "Ctrl+O", "Open a recording…", "File"),
    Shortcut("quit", "Ctrl+Q", "Quit", "File"),
    Shortcut("undo", "Ctrl+Z", "Undo a mark or comment", "Edit"),
    Shortcut("redo", "Ctrl+Shift+Z", "Redo", "Edit"),
    Shortcut("mark", "Ctrl+M", "Mark the row, or take the mark away", "Edit"),
    Shortcut("comment", "Ctrl+Alt+C", "Comment on the row…", "Edit"),
    Shortcut("time_reference", "Ctrl+T", "Make the row the time reference", "Edit"),
    Shortcut("find", "Ctrl+F", "Find…", "Go"),
    Shortcut("find_next", "Ctrl+N", "Next hit", "Go"),
    Shortcut("find_previous", "Ctrl+B", "Previous hit", "Go"),
    Shortcut("go_to", "Ctrl+G", "Go to a packet, frame or time…", "Go"),
    Shortcut("next_packet", "F8", "Next packet", "Go"),
    Shortcut("previous_packet", "F7", "Previous packet", "Go"),
    Shortcut("next_in_conversation", "Ctrl+.", "Next packet of the conversation", "Go"),
    Shortcut("previous_in_conversation", "Ctrl+,", "Previous packet of the conversation", "Go"),
    Shortcut("back", "Alt+Left", "Back", "Go"),
    Shortcut("forward", "Alt+Right", "Forward", "Go"),
    Shortcut("expand_all", "Shift+Right", "Expand all", "View"),
    Shortcut("decode_pasted", "Ctrl+Shift+V", "Decode pasted hex…", "Tools"),
    Shortcut("help", "F1", "Manual", "Help"),
    Shortcut("shortcuts", "?", "List of shortcuts", "Help"),
    Shortcut("timeline_zoom_in", "+", "Zoom in", "Timeline, while it has the focus"),
    Shortcut("timeline_zoom_out", "-", "Zoom out", "Timeline, while it has the focus"),
    Shortcut("timeline_left", "Left", "Pan left", "Timeline, while it has the focus"),
    Shortcut("timeline_right", "Right", "Pan right", "Timeline, while it has the focus"),
    Shortcut("timeline_fit", "F", "Show the whole recording", "Timeline, while it has the focus"),
    Shortcut("timeline_markers", "D", "Two markers", "Timeline, while it has the focus"),
    Shortcut("timeline_clear", "Delete", "Take the markers away", "Timeline, while it has the focus"),
    Shortcut("timeline_undo", "Ctrl+Z", "Undo a change of the markers", "Timeline, while it has the focus"),
    Shortcut("profile_save", "Ctrl+S", "Save and decode again", "Profile, while its text has the focus"),
    Shortcut("profile_complete", "Ctrl+Space", "Complete the word", "Profile, while its text has the focus"),
)
BY_ACTION = {shortcut.action: shortcut for shortcut in SHORTCUTS}


def with_keys(text: str, action: str) -> str:
    """A tooltip with the keys behind it."""
    return f"{text.removesuffix('…')} ({BY_ACTION[action].keys})" if action in BY_ACTION else text
