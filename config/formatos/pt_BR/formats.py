"""Brazilian Portuguese: the day first, a comma before the time."""

SHORT_DATETIME_FORMAT = "d/m/Y, H:i"
MONTH_DAY_FORMAT = r"j \d\e b"
