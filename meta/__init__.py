"""Meta: Facebook log-in, pages, Lead Ads."""
