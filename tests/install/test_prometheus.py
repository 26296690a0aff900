"""deploy/prometheus as it is, checked and tried by Prometheus's own promtool."""

import re
import subprocess
from pathlib import Path

import pytest

from core import metrics
from operations.health.kinds import Check
from operations.health.metrics import expose
from reporting.packs.pdf import typesetting
from tests.services.programs import find_promtool

RULES = Path(__file__).resolve().parents[2] / "deploy" / "prometheus" / "vvdash.rules.yml"
# Two hours in steps of a minute: a check that failed for three minutes, and one that has failed for ten; a request.
CASE = f"""
rule_files: ["{RULES}"]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: 'vvdash_check_well{{check="mail", instance="web1"}}'
        values: '1x5 0x3 1x20'
      - series: 'vvdash_check_well{{check="beat", instance="web1"}}'
        values: '1x5 0x20'
      - series: 'vvdash_oldest_request_seconds{{instance="web1"}}'
        values: '0x9 25 0x20'
    alert_rule_test:
      - eval_time: 15m
        alertname: VvdashCheckFails
        exp_alerts:
          - exp_labels: {{check: beat, instance: web1}}
            exp_annotations: {{summary: "The check beat of web1 fails"}}
      - eval_time: 10m
        alertname: VvdashRequestHangs
        exp_alerts:
          - exp_labels: {{instance: web1}}
            exp_annotations: {{summary: "A request to web1 has taken 25 seconds"}}
      - eval_time: 12m
        alertname: VvdashRequestHangs
        exp_alerts: []
"""


def promtool(*arguments: object) -> str:
    done = subprocess.run([find_promtool(), *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_rules_raise_an_alarm_for_what_lasts(tmp_path: Path):
    case = tmp_path / "case.yml"
    case.write_text(CASE, encoding="utf-8")
    assert "4 rules found" in promtool("check", "rules", RULES)
    assert "SUCCESS" in promtool("test", "rules", case)


@pytest.mark.django_db
def test_each_rule_reads_what_metrics_has():
    metrics.count("errors", logger=typesetting.logger.name)
    words, _ = expose([Check("database", True, "It answers.")], {}, release="0")
    named = set(re.findall(r"\bvvdash_\w+", "\n".join(re.findall(r"expr: (.+)", RULES.read_text(encoding="utf-8")))))
    assert named == {"vvdash_check_well", "vvdash_oldest_request_seconds", "vvdash_errors_total"}
    assert f'logger="{typesetting.logger.name}"' in RULES.read_text(encoding="utf-8")
    assert all(re.search(rf"^{name}\b", words.decode(), re.MULTILINE) for name in named)
