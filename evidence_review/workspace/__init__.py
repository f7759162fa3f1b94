"""A review folder on disk: its layout, its protocol, its records and events, and the one way in which they change."""
