"""The version of the distribution `fakeprint-client`."""

__version__ = "0.1.0"
