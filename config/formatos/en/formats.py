"""English: months have names, because 5/11 is read in two ways."""

DATE_FORMAT = "F j, Y"
TIME_FORMAT = "g:i A"
DATETIME_FORMAT = "F j, Y, g:i A"
SHORT_DATE_FORMAT = "M j, Y"
SHORT_DATETIME_FORMAT = "M j, Y, g:i A"
MONTH_DAY_FORMAT = "M j"
# Not Django's: named here, they are named in every language.
SHORT_MONTH_DAY_FORMAT = "M j"
TIME_SECONDS_FORMAT = "g:i:s A"
