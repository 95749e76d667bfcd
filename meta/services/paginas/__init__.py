"""The account's pages: chosen, subscribed, looked after."""
