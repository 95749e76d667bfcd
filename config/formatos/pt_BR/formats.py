"""Brazilian Portuguese: the day first, a comma before the time."""

SHORT_DATETIME_FORMAT = "d/m/Y, H:i"
MONTH_DAY_FORMAT = r"j \d\e b"
# Not Django's: named here, they are named in every language.
SHORT_MONTH_DAY_FORMAT = "d/m"
TIME_SECONDS_FORMAT = "H:i:s"
