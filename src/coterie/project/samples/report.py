"""What came of the sample profiles, as data."""

from __future__ import annotations

import msgspec

from coterie.project.reports import Report


class Check(msgspec.Struct, frozen=True):
    """One value expected of one person at one instant, and what each engine says.

    Parameters
    ----------
    person, name, where : str
        Who, which definition, and file and line of the expectation.
    at : int
        Microseconds UTC.
    expected : str
        As it could be written in the file.
    got : dict of str to str
        Engine -> its value, in the same spelling.
    passed : bool
        Every engine says what is expected.
    """

    person: str
    name: str
    at: int
    where: str
    expected: str
    got: dict[str, str]
    passed: bool


class SampleReport(Report, frozen=True):
    """Every check of a file of sample profiles, in the order written."""

    file: str
    engines: list[str]
    people: int
    checks: list[Check]

    @property
    def failed(self) -> list[Check]:
        """The checks that some engine does not meet."""
        return [check for check in self.checks if not check.passed]

    @property
    def passed(self) -> bool:
        """Whether every check is met by every engine."""
        return not self.failed
