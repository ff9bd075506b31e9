"""Protected people, the assessments that allow it, and how a person withdraws."""

from registry.persons.pages import assessments, persons, withdrawal
from registry.persons.pages.area import area

__all__ = ["area", "assessments", "persons", "withdrawal"]
