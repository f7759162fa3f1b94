"""`extract`: typed values from each included study, by one person or two, every value with its page and quote."""
