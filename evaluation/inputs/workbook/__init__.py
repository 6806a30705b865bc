"""The programme's records in Excel: a template to fill in, and a filled one back into checked records."""
