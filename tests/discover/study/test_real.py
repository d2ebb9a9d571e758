"""Tables of real customers and a year of real invoices: a study of each, against scikit-learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score
from sklearn.mixture import GaussianMixture

from coterie.discover import Plan, Study, study
from tests.examples.projects import Example
from tests.support import retail

QUICK = Plan(
    algorithms=("kmeans", "gmm-diag"), ks=(2, 3, 4, 5), bootstraps=3, splits=2, references=3,
    resampled_people=1_000,
)  # fmt: skip


def report(found: Study, folder: Path) -> str:
    page = found.report(folder / "study.html").read_text("utf-8")
    assert 'src="http' not in page
    return page


@pytest.fixture(scope="module")
def wholesale(shared_data: Path) -> Study:
    table = pd.read_csv(shared_data / "uci_wholesale_customers" / "wholesale_customers.csv")
    return study(table, title="wholesale customers", plan=QUICK)


def test_wholesale_customers_are_hotels_and_shops(wholesale: Study) -> None:
    """Two clusters: 298 hotels and cafés and 142 retailers, as their channel says."""
    found = wholesale.needed()
    channel = wholesale.prepared.raw["Channel"]
    assert found.k == 2
    assert pd.crosstab(found.labels, channel).to_numpy().max(axis=1).tolist() == [298, 142]


def test_skewed_spending_is_bent_and_said(wholesale: Study) -> None:
    """All six amounts have a long tail; after the preparation none has."""
    amounts = ["Fresh", "Milk", "Grocery", "Frozen", "Detergents_Paper", "Delicassen"]
    bent = [note.column for note in wholesale.notes if note.step == "skew"]
    assert set(amounts) <= set(bent)
    index = [wholesale.prepared.names.index(name) for name in amounts]
    assert (abs(pd.DataFrame(wholesale.prepared.standardised[:, index]).skew()) < 1).all()


def test_candidates_are_those_of_scikit_learn(wholesale: Study) -> None:
    """Called directly on the same matrix: the same clusters, criteria and information."""
    matrix = wholesale.prepared.matrix
    for found in wholesale.candidates:
        mixture = found.algorithm.startswith("gmm")
        made = (GaussianMixture if mixture else KMeans)(**found.parameters).fit(matrix)
        labels = made.predict(matrix)
        pairs = set(zip(labels.tolist(), found.labels.tolist(), strict=True))
        assert len(pairs) == len(set(labels.tolist())) == found.k
        value = {name: measure.value for name, measure in found.measures.items()}
        np.testing.assert_allclose(value["silhouette"], silhouette_score(matrix, labels))
        np.testing.assert_allclose(value["davies_bouldin"], davies_bouldin_score(matrix, labels))
        np.testing.assert_allclose(
            value["calinski_harabasz"], calinski_harabasz_score(matrix, labels)
        )
        if mixture:
            np.testing.assert_allclose(value["bic"], made.bic(matrix))
            np.testing.assert_allclose(value["aic"], made.aic(matrix))


def test_attributes_have_their_known_numbers(wholesale: Study) -> None:
    """Means as published, and groceries go along with detergents."""
    found = {each.name: each for each in wholesale.audit()}
    assert round(found["Fresh"].mean or 0, 3) == 12_000.298
    assert round(found["Milk"].mean or 0, 3) == 5_796.266
    assert found["Grocery"].correlated == "Detergents_Paper"
    assert found["Detergents_Paper"].correlated == "Grocery"


@pytest.fixture(scope="module")
def telco(shared_data: Path) -> Study:
    file = shared_data / "ibm_telco_churn" / "telco_customer_churn.csv.gz"
    return study(pd.read_csv(file), id="customerID", title="telco customers", plan=QUICK)


def test_telco_types_are_read_from_its_texts(telco: Study) -> None:
    """Charges with 11 blanks are numbers, Yes and No are truths, and both are said."""
    notes = {note.column: note for note in telco.notes if note.step == "types"}
    assert "read as numbers" in notes["TotalCharges"].said
    assert "read as no and yes" in notes["SeniorCitizen"].said
    assert "read as yes and no" in notes["Churn"].said
    charges = [c.name for c in telco.crowd.columns].index("TotalCharges")
    assert int(telco.prepared.imputed[:, charges].sum()) == 11


def test_telco_customers_without_internet_are_a_cluster(telco: Study) -> None:
    """1,526 have no internet service, whatever else they differ in; rules tell all of them."""
    without = (telco.prepared.raw["InternetService"] == "No").to_numpy()
    labels = telco.needed().labels
    (cluster,) = set(labels[without])
    assert (labels == cluster).sum() == without.sum() == 1_526
    assert telco.distill().fidelity.value > 0.9


@pytest.fixture(scope="module")
def invoices(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Everything that tells groups apart in `examples/online_retail`."""
    made = retail.ran(shared_data, tmp_path_factory)
    example = Example.copied(made, tmp_path_factory.mktemp("discovered") / "shop")
    return example.project.discover(plan=QUICK)


def test_invoices_are_divided_and_explained(invoices: Study, tmp_path: Path) -> None:
    """4,339 of 4,372 customers have an order; their clusters hold as rules for others as well."""
    assert (len(invoices.crowd), len(invoices.prepared.rows)) == (4_372, 4_339)
    assert invoices.needed().k >= 2
    assert invoices.distill().fidelity.value > 0.9
    cards = invoices.personas()
    page = report(invoices, tmp_path)
    assert all(card.name in page for card in cards)
    assert not set(invoices.crowd.frame.index) & set(page.split('"'))


@pytest.mark.soak
@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("uci_wholesale_customers/wholesale_customers.csv", ""),
        ("ibm_telco_churn/telco_customer_churn.csv.gz", "customerID"),
    ],
)
def test_tables_run_with_defaults(shared_data: Path, name: str, id_: str, tmp_path: Path) -> None:
    """Seven algorithms, 2 to 10 clusters: a recommendation, and a report."""
    found = study(pd.read_csv(shared_data / name), id=id_)
    assert len(found.candidates) == 47
    assert found.chosen is not None
    page = report(found, tmp_path)
    assert all(card.name in page for card in found.personas())
    assert not set(found.crowd.frame.index[:50]) & set(page.split('"')) - set(map(str, range(50)))
