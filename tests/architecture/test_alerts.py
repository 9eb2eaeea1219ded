"""The alert rules watch numbers that there are."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from prometheus_client.metrics import MetricWrapperBase

from hub_core.services.operating import metrics

ROOT = Path(__file__).parents[2]
GROUPS = yaml.safe_load((ROOT / "docs/alerts.yml").read_text())["groups"]
RULES = {rule["alert"]: rule for group in GROUPS for rule in group["rules"]}
#: What Litestar's middleware counts.
REQUESTS = {"hub_http_requests_total": {"method", "path", "status_code"}}


def known_samples() -> dict[str, set[str]]:
    """The names that Prometheus sees, each with its labels."""
    found = dict(REQUESTS)
    for metric in vars(metrics).values():
        for described in metric.describe() if isinstance(metric, MetricWrapperBase) else []:
            labels = set(metric._labelnames)
            endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
            for ending in endings[described.type]:
                found[f"{described.name}{ending}"] = labels | ({"le"} if ending == "_bucket" else set())
    return found


def test_every_metric_and_label_in_the_rules_exists() -> None:
    samples = known_samples()
    for name, rule in RULES.items():
        used = re.findall(r"\b(hub_\w+)(?:\{(.*?)\})?", rule["expr"])
        assert used, name
        for metric, selector in used:
            assert metric in samples, f"{name} watches {metric}, which nobody counts"
            assert set(re.findall(r"(\w+)\s*[!=]=?~?", selector or "")) <= samples[metric], name
        grouped = set(re.findall(r"by \((.*?)\)", rule["expr"]))
        assert {one.strip() for text in grouped for one in text.split(",")} <= set().union(*samples.values())


def test_what_operators_asked_for_is_watched() -> None:
    assert "> 0.2" in RULES["HubExportsFail"]["expr"]
    assert "> 1000" in RULES["HubQueueLong"]["expr"]
    assert {"HubProviderDown", "HubQueueOld"} <= set(RULES)
    for rule in RULES.values():
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in {"page", "ticket"}
