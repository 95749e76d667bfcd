"""The verbs of Meta: accounts, pages, forms and the leads that come from them."""
