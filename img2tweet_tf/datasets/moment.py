"""What a clock tells of a moment: date, weekday, month and time as facts."""

import calendar
from datetime import datetime


def moment(created_at):
    """Returns the facts that a clock tells, a list of (field, value), from an ISO 8601 time alone; [] if it is none."""
    try:
        then = datetime.fromisoformat(created_at)
    except (TypeError, ValueError):
        return []
    day, month = calendar.day_name[then.weekday()], calendar.month_name[then.month]
    time = f"{then.hour}:{then.minute:02d}"
    return [("date", then.date().isoformat()), ("weekday", day), ("month", month), ("time", time)]
