"""The installation's own app at Meta: credential, webhook, who speaks through it."""
