"""`audit`: is everything what it was, and what happened to one record?"""
