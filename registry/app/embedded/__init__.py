"""The embedded default: PostgreSQL from a wheel, and the supervisor behind `fakeprint up`."""
