"""Mail that the application sends, taken in and never passed on."""
