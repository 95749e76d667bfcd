"""The commands of a newcomer: run, test, check, manage, and what they share."""
