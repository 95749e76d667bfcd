"""The super admin's site: its frame, its navigation, and what it shows first."""
