"""Every choice of a preparation, as data that can be kept, compared and changed."""

from __future__ import annotations

from typing import Literal

import msgspec

from coterie.discover.crowd import Crowd, Kind
from coterie.errors import CoterieError, UnknownName, nearest

Missing = Literal[
    "auto", "auto-best", "mean", "median", "mode", "constant", "knn", "iterative", "drop"
]
Outliers = Literal["robust-z", "iqr", "isolation-forest", "none"]
Action = Literal["clip", "keep", "set-aside"]
Curve = Literal["auto", "log1p", "yeo-johnson", "none"]
Scaling = Literal["z", "minmax", "robust"]

JOINT = ("knn", "iterative")
"""Ways to fill an unknown that look at a person's other values."""


class Choice(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What one column has otherwise than the rest; what is None is as the recipe says.

    Parameters
    ----------
    use : bool
        False leaves the column out.
    missing : str, optional
        ``drop`` leaves out the people whose value is unknown.
    constant : float or str, optional
        What an unknown becomes with ``missing="constant"``; for a category one of its values.
    outliers, action, curve, scaling : str, optional
    levels : tuple of str
        The order of a text, least first, such as ``("Bronze", "Silver", "Gold")``.
    weight : float
        How much a step of one scale counts against other columns'.
    flag_unknown : bool
        One more feature, 1 where the column is unknown.
    """

    use: bool = True
    missing: Missing | None = None
    constant: float | str | None = None
    outliers: Outliers | None = None
    action: Action | None = None
    curve: Curve | None = None
    scaling: Scaling | None = None
    levels: tuple[str, ...] = ()
    weight: float = 1.0
    flag_unknown: bool = False


class Recipe(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a crowd is made ready for distances.

    Parameters
    ----------
    missing : str
        How unknowns are filled. ``auto``: an unknown sum is 0; a number has the median, or the
        mean where it is not skewed; truths and ordered texts have the mode; an unknown category
        is none of the categories. ``auto-best`` hides known values, tries four ways and takes the
        one that finds them best. ``knn`` and ``iterative`` look at the person's other values, so
        that one person alone cannot be prepared live.
    outliers : str
        How they are found, in numbers and ages: ``robust-z`` (distance from the median over 1.4826
        times the median absolute deviation), ``iqr`` (Tukey's fences), ``isolation-forest`` (of
        all columns together). The first two judge the bent values where a curve is chosen.
    action : str
        ``clip`` to the limit, ``keep``, or ``set-aside``: the person is assigned to a cluster in
        the end, but nothing is fitted on them.
    limit : float or None
        Robust z (by default 3.5), quartile ranges (3), or the share of people (0.01).
    most_outliers : float
        Where a larger share of a column would be outliers, its tails are heavy, and the outermost
        hundredth of its values are.
    curve : str
        ``auto`` bends what is more skewed than `skewed`: log1p, or Yeo-Johnson where that is
        clearly better or values are negative.
    skewed : float
        The absolute sample skewness from which ``auto`` bends.
    scaling : str
        ``z`` (mean and standard deviation), ``minmax``, or ``robust`` (median and quartile range).
    columns : dict of str to Choice
        Per column, what is chosen otherwise.
    critical : tuple of str
        Columns without which a person is left out, and counted.
    most_imputed : float
        The largest share of filled cells in a column that is used.
    most_unknown : float
        The largest share of a person's columns that may be unknown; else they are left out.
    most_categories : int
        A text with more values is left out.
    rarest : float
        The least share of people for a category to have a feature, and for a column's values other
        than the most frequent one; below it the column is as good as constant.
    correlated : float or None
        Of two features with a larger absolute correlation the later one is left out.
    components : float or None
        The share of variance that principal components must explain; None: no components.
    least_people : int
        Fewer people are no crowd.

    Examples
    --------
    >>> recipe = Recipe(scaling="robust", columns={"tier": Choice(levels=("silver", "gold"))})
    >>> Recipe.read(recipe.written()) == recipe
    True
    """

    missing: Missing = "auto"
    outliers: Outliers = "robust-z"
    action: Action = "clip"
    limit: float | None = None
    most_outliers: float = 0.05
    curve: Curve = "auto"
    skewed: float = 1.0
    scaling: Scaling = "z"
    columns: dict[str, Choice] = {}
    critical: tuple[str, ...] = ()
    most_imputed: float = 0.5
    most_unknown: float = 0.5
    most_categories: int = 20
    rarest: float = 0.005
    correlated: float | None = 0.95
    components: float | None = None
    least_people: int = 20

    def written(self) -> str:
        """The recipe as JSON."""
        return msgspec.json.encode(self, order="deterministic").decode()

    @classmethod
    def read(cls, text: str | bytes) -> Recipe:
        """The recipe of its JSON.

        Raises
        ------
        CoterieError
            It is none.
        """
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.ValidationError as error:
            raise CoterieError("this is no recipe", got=str(error)) from None

    def of(self, name: str) -> Choice:
        """What is chosen for a column, every choice filled in."""
        choice = self.columns.get(name, Choice())
        return msgspec.structs.replace(
            choice,
            missing=choice.missing or self.missing,
            outliers=choice.outliers or self.outliers,
            action=choice.action or self.action,
            curve=choice.curve or self.curve,
            scaling=choice.scaling or self.scaling,
        )

    def check(self, crowd: Crowd) -> None:
        """Refuse choices that cannot be meant.

        Raises
        ------
        UnknownName
            A column of the recipe is none of the crowd.
        CoterieError
            A number is out of its range, two ways exclude each other, or a constant is missing.
        """
        names = [column.name for column in crowd.columns]
        for name in (*self.columns, *self.critical):
            if name not in names:
                raise UnknownName(
                    f"the recipe speaks of {name!r}, which is no column here",
                    hint=nearest(name, names),
                )
        self._check_numbers()
        used = {self.of(column.name).missing for column in crowd.columns}
        if used.issuperset(JOINT):
            raise _wrong("missing", "knn and iterative", "one of them: both look at all columns")
        for column in crowd.columns:
            _check_choice(self.of(column.name), column.name, column.kind)

    def _check_numbers(self) -> None:
        for name in ("most_imputed", "most_unknown"):
            if not 0 <= getattr(self, name) <= 1:
                raise _wrong(name, f"{getattr(self, name):g}", "a share from 0 to 1")
        for name in ("correlated", "components"):
            value = getattr(self, name)
            if value is not None and not 0 < value <= 1:
                raise _wrong(name, f"{value:g}", "a share above 0, at most 1, or None")
        if not 0 <= self.rarest < 0.5:
            raise _wrong("rarest", f"{self.rarest:g}", "a share from 0, below 0.5")
        if self.limit is not None and not self.limit > 0:
            raise _wrong("limit", f"{self.limit:g}", "above 0")
        if self.outliers == "isolation-forest" and self.limit is not None and self.limit > 0.5:
            raise _wrong("limit", f"{self.limit:g}", "a share of the people, at most 0.5")
        if self.least_people < 2:
            raise _wrong("least_people", str(self.least_people), "2 or more")


def _check_choice(choice: Choice, name: str, kind: Kind) -> None:
    place = f"columns.{name}"
    if not 0 < choice.weight < float("inf"):
        raise _wrong(f"{place}.weight", f"{choice.weight:g}", "above 0")
    if choice.missing == "constant" and choice.constant is None:
        raise _wrong(f"{place}.constant", "none", "what an unknown becomes")
    text = kind in (Kind.CATEGORY, Kind.ORDINAL)
    if choice.constant is not None and isinstance(choice.constant, str) is not text:
        expected = "one of the column's texts" if text else "a number (an age in days, 0 or 1)"
        raise _wrong(f"{place}.constant", type(choice.constant).__name__, expected)
    if len(set(choice.levels)) != len(choice.levels):
        raise _wrong(f"{place}.levels", "a level twice", "each level once")
    if choice.levels and not text:
        raise _wrong(f"{place}.levels", f"levels of a {kind}", "levels of a text")


def _wrong(where: str, got: str, expected: str) -> CoterieError:
    return CoterieError(
        "a choice of the preparation cannot be meant", where=where, got=got, expected=expected
    )
