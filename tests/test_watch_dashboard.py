"""The dashboard and the alert rules ask for figures that /metrics gives; the documentation names them all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.watch.metrics import PREFIX, exposition
from bot.watch.tally import GAUGES, TIMES, TOKENS, TOTALS, TROUBLE, Figure, Tally
from bot.watch.troubles import Kind

ROOT = Path(__file__).parents[1]
FIGURES: dict[str, Figure] = {
    **{f"{PREFIX}{each.name}_total": each for each in TOTALS},
    **{f"{PREFIX}{each.name}": each for each in (*TIMES, *GAUGES)},
}
_FUNCTIONS = frozenset(
    (
        "rate",
        "increase",
        "sum",
        "histogram_quantile",
        "time",
        "label_values",
        "max",
        "min",
        "avg",
        "absent",
        "abs",
    )
)
_WORDS = frozenset(("by", "and", "or", "unless", "on", "bool", "without", "offset"))
_PARTS = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")|(?P<name>[a-zA-Z_:][\w:]*)|(?P<number>[\d.]+(?:e[+-]?\d+)?[smhdw]?)'
    r"|(?P<sign>=~|!~|!=|==|>=|<=|[-+*/%<>=(){}\[\],$])|(?P<space>\s+)"
)


class Query:
    """A query of PromQL, taken apart: enough to know its figures, labels and values, and that it is whole."""

    def __init__(self, text: str) -> None:
        self.figures: list[str] = []
        self.labels: list[tuple[str, str, str]] = []  # of which figure, which, and the value asked for
        self._parts = list(_PARTS.finditer(text))
        assert "".join(match[0] for match in self._parts) == text, text
        self._read([match for match in self._parts if match.lastgroup != "space"])

    def _read(self, parts: list[re.Match[str]]) -> None:
        open_: list[str] = []
        for at, part in enumerate(parts):
            following = parts[at + 1][0] if at + 1 < len(parts) else ""
            if part[0] in "([{":
                open_.append(part[0])
            elif part[0] in ")]}":
                assert open_, "closed before it was opened"
                assert open_.pop() + part[0] in ("()", "[]", "{}")
            elif part.lastgroup == "name":
                self._name(part[0], following, open_, parts, at)
        assert open_ == []

    def _name(self, name: str, following: str, open_: list[str], parts: list[re.Match[str]], at: int) -> None:
        if open_ and open_[-1] == "{":
            self.labels.append((self.figures[-1], name, parts[at + 2][0].strip('"')))
        elif name in _WORDS:
            pass
        elif following in ("(", "by"):
            assert name in _FUNCTIONS, name
        elif at > 1 and _grouped(parts, at):
            self.labels.append(("", name, ""))
        else:
            self.figures.append(name)


def _grouped(parts: list[re.Match[str]], at: int) -> bool:
    """Whether a name stands in "by (a, b)"."""
    while at and parts[at][0] != "(":
        if parts[at][0] in ")}]":
            return False
        at -= 1
    return at > 0 and parts[at - 1][0] in ("by", "on", "without")


def exported() -> dict[str, set[str]]:
    """Every sample that /metrics can give, with its labels."""
    tally = Tally()
    tally.add(TOKENS, "openai:gpt-5", "prompt")
    gauges = {each: {tuple("x" for _ in each.labels): 1.0} for each in GAUGES}
    text = exposition(tally, gauges, platforms=["slack"]).decode()
    found: dict[str, set[str]] = {"up": set()}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def dashboard() -> dict[str, Any]:
    told: dict[str, Any] = json.loads((ROOT / "deploy/grafana-dashboard.json").read_text())
    return told


def rules() -> list[dict[str, Any]]:
    told = yaml.safe_load((ROOT / "deploy/alerts.yaml").read_text())
    return [rule for group in told["groups"] for rule in group["rules"]]


def queries() -> Iterator[tuple[str, str]]:
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for rule in rules():
        yield rule["alert"], rule["expr"].strip()


@pytest.mark.parametrize(("name", "text"), list(queries()))
def test_a_query_asks_for_what_is_exported(name: str, text: str) -> None:
    query, samples = Query(text), exported()
    assert query.figures, name
    everywhere = {"job", "instance"}
    for figure in query.figures:
        assert figure in samples, figure
    for figure, label, value in query.labels:
        known = samples[figure] if figure else set().union(*(samples[each] for each in query.figures))
        assert label in known | everywhere, (figure, label)
        declared = FIGURES.get(figure)
        if declared is not None and label in declared.labels and declared.labels[label]:
            assert set(value.split("|")) <= set(declared.labels[label]), (figure, label, value)


@pytest.mark.parametrize("text", ["sum(rate(x[5m])", "x{a=1]", "foo(x)", "x > 1)"])
def test_a_query_that_is_not_whole_is_noticed(text: str) -> None:
    with pytest.raises(AssertionError):
        Query(text)


def test_every_trouble_is_a_figure_and_has_a_rule_or_a_figure_of_its_own() -> None:
    assert tuple(TROUBLE.labels["kind"]) == tuple(Kind)
    asked = {value for _, text in queries() for _, label, value in Query(text).labels if label == "kind"}
    assert set(Kind) - asked == {Kind.DISCONNECTED, Kind.BURIED}
    shown = {figure for rule in rules() for figure in Query(rule["expr"].strip()).figures}
    assert {"paperboy_socket_connected", "paperboy_delivery_total"} <= shown


def test_every_rule_says_what_happened_and_what_to_do() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names) >= 10
    for rule in rules():
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["action"]


def test_no_label_is_one_that_prometheus_puts_on_everything() -> None:
    labels = {label for each in FIGURES.values() for label in each.labels}
    assert labels.isdisjoint({"job", "instance", "le", "quantile"})


def test_panels_do_not_overlap_and_have_distinct_ids() -> None:
    panels = dashboard()["panels"]
    assert len({each["id"] for each in panels}) == len(panels)
    places = [
        (x, y)
        for place in (each["gridPos"] for each in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(places)) == len(places)
    assert max(x for x, _ in places) == 23


def test_every_figure_is_on_the_dashboard_and_in_the_documentation() -> None:
    shown = {figure for _, text in queries() for figure in Query(text).figures}
    shown |= {re.sub(r"_(bucket|count|sum)$", "", each) for each in shown}
    assert FIGURES.keys() <= shown
    documented = set(re.findall(r"`(paperboy_\w+)`", (ROOT / "docs/monitoring.md").read_text()))
    assert documented >= FIGURES.keys()
    assert documented <= FIGURES.keys() | exported().keys()
