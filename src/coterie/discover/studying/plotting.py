"""The pictures of a study by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from coterie.discover.drawing import (
    agreement,
    criteria,
    deciding,
    dendrogram,
    maps,
    profile,
    silhouettes,
    sizes,
    together,
)
from coterie.errors import CoterieError, nearest
from coterie.pictures.theme import Drawing

if TYPE_CHECKING:
    from coterie.discover.candidates import Candidate
    from coterie.discover.studying.study import Study

CRITERIA = criteria.AGAINST_K


def plot(study: Study, kind: str = "map") -> Drawing:
    """One picture of a study.

    Parameters
    ----------
    kind : str
        ``map`` (principal components), ``tsne``, ``sizes``, ``profile``, ``lines``,
        ``deciding`` (which traits put people where), ``silhouettes``, ``dendrogram``, ``together``
        (of two people, how often they come together in resamples), ``agreement`` (of candidates
        with each other), or a criterion against k: ``silhouette``, ``stability``, ``folds``,
        ``inertia`` (the elbow), ``davies_bouldin``, ``calinski_harabasz``, ``bic``, ``aic``.

    Raises
    ------
    CoterieError
        There is no such picture, or it is of clusters and there are none.
    """
    if kind in CRITERIA:
        return criteria.chart(criteria.data(study.candidates, kind, study.chosen))
    if kind not in _KINDS:
        known = [*_KINDS, *CRITERIA]
        raise CoterieError("there is no such picture", got=repr(kind), hint=nearest(kind, known))
    return _KINDS[kind](study)


def _map(study: Study, way: maps.Way) -> Drawing:
    names = [card.name for card in study.personas()] if study.chosen else []
    found = maps.data(study.prepared, study.chosen, names, way=way, seed=study.seed)
    return maps.chart(found)


def _sizes(study: Study) -> Drawing:
    chosen, names = _of(study)
    return sizes.chart(sizes.data(chosen, names))


def _profile(study: Study, draw: Callable[..., Drawing]) -> Drawing:
    chosen, names = _of(study)
    return draw(profile.data(study.crowd, study.prepared, chosen, names))


def _deciding(study: Study) -> Drawing:
    _, names = _of(study)
    return deciding.chart(deciding.data(study.explain(), names))


def _silhouettes(study: Study) -> Drawing:
    chosen, names = _of(study)
    found = silhouettes.data(study.prepared, chosen, names, seed=study.seed)
    return silhouettes.chart(found)


def _dendrogram(study: Study) -> Drawing:
    chosen, names = _of(study)
    found = dendrogram.data(study.prepared, chosen, names, seed=study.seed)
    return dendrogram.chart(found)


def _together(study: Study) -> Drawing:
    chosen, names = _of(study)
    matrix = study.prepared.matrix
    again = together.again(chosen)
    return together.chart(together.data(matrix, chosen, again, names, seed=study.seed))


def _agreement(study: Study) -> Drawing:
    found = agreement.data(study.candidates, study.recommendation, seed=study.seed)
    return agreement.chart(found)


def _of(study: Study) -> tuple[Candidate, Sequence[str]]:
    return study.needed(), [card.name for card in study.personas()]


_KINDS: dict[str, Callable[[Study], Drawing]] = {
    "map": partial(_map, way="pca"),
    "tsne": partial(_map, way="tsne"),
    "sizes": _sizes,
    "profile": partial(_profile, draw=profile.chart),
    "lines": partial(_profile, draw=profile.lines),
    "deciding": _deciding,
    "silhouettes": _silhouettes,
    "dendrogram": _dendrogram,
    "together": _together,
    "agreement": _agreement,
}
