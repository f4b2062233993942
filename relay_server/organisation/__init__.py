"""What the organisation is: branches, groups, forms, categories, notices, settings."""
