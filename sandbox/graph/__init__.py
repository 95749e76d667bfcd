"""Meta's Graph on the wire: tokens, pages, forms, leads, webhooks."""
