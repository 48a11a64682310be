"""What the timeline draws: lanes, annotations, traces, markers and the stretch in sight."""
