"""What is copied to a server: units that systemd takes and that shut in what they run, settings
and commands and metrics that exist."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from prometheus_client.parser import text_string_to_metric_families

from qalqan.cli.app import app
from qalqan.metrics import counts
from qalqan.settings import Settings, settings
from qalqan.web.api.metrics import Screens, Watcher

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
MOST_EXPOSED = 2.0
"""Of `systemd-analyze security`, where 0 is shut in; a service without bounds has 9.6."""
INSTALLED = "/opt/qalqan/.venv/bin/qalqan"


@pytest.fixture(scope="module")
def analyze(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """systemd's own check, and a folder with our units over a program that is there."""
    program = shutil.which("systemd-analyze")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("the units' tests need systemd-analyze")
        pytest.skip("the units' tests need systemd-analyze")
    folder = tmp_path_factory.mktemp("units")
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace(INSTALLED, sys.executable)
        (folder / unit.name).write_text(text, encoding="utf-8")
    return program, folder


def test_systemd_takes_the_units(analyze: tuple[str, Path]) -> None:
    program, folder = analyze
    names = [str(folder / unit.name) for unit in UNITS]
    said = subprocess.run([program, "verify", *names], capture_output=True, text=True)
    about_ours = [line for line in said.stderr.splitlines() if "qalqan" in line]
    assert (said.returncode, about_ours) == (0, []), said.stderr


@pytest.mark.parametrize("service", SERVICES, ids=lambda unit: unit.name)
def test_a_service_is_shut_in(analyze: tuple[str, Path], service: Path) -> None:
    program, folder = analyze
    said = subprocess.run(
        [program, "security", "--offline=true", str(folder / service.name)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = re.search(r"Overall exposure level.*: (\d+\.\d)", said.stdout)
    assert found, said.stdout
    assert float(found[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("service", SERVICES, ids=lambda unit: unit.name)
def test_a_service_runs_a_command_of_ours_with_bounds(service: Path) -> None:
    text = service.read_text(encoding="utf-8")
    for bound in ("MemoryMax=", "TasksMax=", "NoNewPrivileges=yes", "ProtectSystem=strict"):
        assert bound in text
    (command,) = re.findall(rf"ExecStart={INSTALLED} (\S+)(.*)", text)
    name, options = command[0], command[1].split()
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert name in known
    flags = {flag for one in known[name].params for flag in (*one.opts, *one.secondary_opts)}
    assert {option for option in options if option.startswith("-")} <= flags


def test_the_example_names_settings_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (DEPLOY / "qalqan.env.example").read_text(encoding="utf-8")
    ours = dict(re.findall(r"^#?(QALQAN_\w+)=(.*)$", text, re.MULTILINE))
    known = {
        str(field.validation_alias or f"QALQAN_{name.upper()}")
        for name, field in Settings.model_fields.items()
    }
    assert set(ours) <= known
    for name, value in ours.items():
        if value:
            monkeypatch.setenv(name, value)
    settings.cache_clear()
    assert settings().log == "json"
    settings.cache_clear()


def test_rules_ask_for_metrics_that_are_told(tmp_path: Path, database: object) -> None:
    rules = (DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8")
    asked = set(re.findall(r"\bqalqan_\w+", rules))
    watcher = Watcher(Settings(home=tmp_path), database)  # type: ignore[arg-type]
    told = counts().text(watcher, Screens([None])).decode()
    watcher.close()
    names = set()
    for family in text_string_to_metric_families(told):
        names |= {family.name, f"{family.name}_total", f"{family.name}_bucket"}
    assert asked <= names
