"""`qalqan demo`: the main job from end to end on a simulated town.

Facts come in, victims report, payers' banks confirm, the money is followed from bank to bank
as statements arrive, hold orders go out, banks answer, held money is returned; then the sums
are laid beside the simulator's truth (REQ-16, 18, 19, 38 to 44). Everything here is simulated.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from qalqan import simulate as country_maker
from qalqan.cli.home import CLOCK_FILE, Home, make_home
from qalqan.cli.out import answer, failing_clearly, language, people, progress, tell, word
from qalqan.cli.owners import owners
from qalqan.cli.people import AsJson
from qalqan.cli.published import publish
from qalqan.cli.seed import keep_secrets, seed
from qalqan.cli.story import tell_story
from qalqan.clock import SharedClock
from qalqan.errors import Conflict, Unavailable
from qalqan.parent import with_parent
from qalqan.settings import MARK, settings
from qalqan.text.catalogue import say

_PAUSE_S = 3.0
"""Between two looks at what the simulated banks have to answer."""


def demo(
    size: Annotated[str, typer.Option(help="town or region.")] = "town",
    seed_number: Annotated[int, typer.Option("--seed", help="Same seed, same country.")] = 1,
    serve: Annotated[bool, typer.Option(help="Keep the console up afterwards.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run the main job on a simulated town and print what was saved and what was not."""
    with failing_clearly(as_json), ExitStack() as running:
        _fresh_home()
        with progress(as_json) as bar:
            home, country, secrets = _prepare(bar, size, seed_number)
            _ingest_history(bar, home, country)
            _free_port()
            server = _start(running, "serve", "--no-worker", "--no-screens")
            _start(running, "work")
            _wait_until_up(server)
            if serve and not as_json:
                bar.console.print(_logins(country.officers, secrets["officers"]))
                bar.console.print(word("demo.meanwhile", address=settings().address))
            _detect(bar, home)
            truth = _drive(bar, home, country, secrets)
            publish(bar, home, country.officers)
        body = _result(home, truth, secrets)
        if as_json:
            answer(body, True)
        else:
            tell_story(body)
        if serve:
            go_on = _morning(running, home, country, secrets)
            running.enter_context(owners(settings().screen_shards))  # the story asks no screen
            _stay_up(server, country.officers, secrets["officers"], go_on)


def _fresh_home() -> None:
    """Replace what an earlier demo left; never touch a home that anything else made.

    Raises:
        Conflict: the home holds something else.
    """
    home = settings().home
    if home.exists() and any(home.iterdir()):
        if not (home / MARK).exists():
            raise Conflict("home", str(home), "in use and not a demo's", "a demo")
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    (home / MARK).write_text('{"simulated": true}\n', encoding="utf-8")
    os.environ["QALQAN_HOME"] = str(home.absolute())
    os.environ.setdefault("QALQAN_DETECT_DAYS", "7")  # once before the story, once within it


def _prepare(bar: Progress, size: str, seed_number: int) -> tuple[Home, Any, dict[str, Any]]:
    task = bar.add_task(word("demo.country"), total=2)
    country = country_maker.make(size, seed_number)
    folder = settings().home.absolute()
    SharedClock.create(folder / CLOCK_FILE, country.start_us)
    os.environ["QALQAN_CLOCK"] = str(folder / CLOCK_FILE)
    bar.update(task, completed=1)
    home = make_home()
    secrets = seed(home, country)
    keep_secrets(folder / "secrets.json", secrets)
    bar.update(task, completed=2)
    return home, country, secrets


def _ingest_history(bar: Progress, home: Home, country: Any) -> None:
    """What partners had told before the story begins, through the same intake as ever."""
    from qalqan.lake.hand_in import HandIn
    from qalqan.lake.intake import take
    from qalqan.lake.sealing import seal as seal_landing

    batches = list(country.history())
    task = bar.add_task(word("demo.history"), total=sum(table.num_rows for *_, table in batches))
    for kind, source, table in batches:
        take(home.centre, HandIn(kind, source, f"history of {source}"), table)
        bar.advance(task, table.num_rows)
    seal_landing(home.database, home.settings.lake_root)


def _free_port() -> None:
    """Take the usual port, or any free one if something else listens there."""
    with socket.socket() as probe:
        if probe.connect_ex((settings().host, settings().port)) != 0:
            return
    with socket.socket() as probe:
        probe.bind((settings().host, 0))
        os.environ["QALQAN_PORT"] = str(probe.getsockname()[1])
    settings.cache_clear()


def _start(running: ExitStack, *command: str) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(
        [sys.executable, "-m", "qalqan", *command], stderr=_log(command[0]), env=with_parent()
    )

    def end() -> None:
        child.terminate()
        try:
            child.wait(timeout=20)
        except subprocess.TimeoutExpired:
            child.kill()

    running.callback(end)
    return child


def _log(name: str) -> Any:
    folder = settings().home / "logs"
    folder.mkdir(exist_ok=True)
    return (folder / f"{name}.log").open("ab")


def _wait_until_up(server: subprocess.Popen[bytes]) -> None:
    """Wait for the web server, at most a minute.

    Raises:
        Unavailable: it ended, or did not answer; its log says why.
    """
    for _ in range(600):
        if server.poll() is not None:
            break
        try:
            if httpx.get(f"{settings().address}/health", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    path = settings().home / "logs/serve.log"
    raise Unavailable(f"the web server did not start: see {path}", "server.silent", path=path)


def _detect(bar: Progress, home: Home) -> None:
    from qalqan.lake.engine import open_engine
    from qalqan.work.detection import detect

    task = bar.add_task(word("demo.detect"), total=1)
    detect(home.database, open_engine(home.settings))
    bar.update(task, completed=1)


def _drive(bar: Progress, home: Home, country: Any, secrets: dict[str, Any]) -> dict[str, Any]:
    from qalqan.simulate.drive import run

    task = bar.add_task(word("demo.live"), total=None)

    def shown(done: int, whole: int) -> None:
        bar.update(task, completed=done, total=whole)

    return dict(run(country, home.settings.home, settings().address, secrets, shown))


def _result(home: Home, truth: dict[str, Any], secrets: dict[str, Any]) -> dict[str, Any]:
    """The demo's answer: counts, our sums under every rule, and the truth beside them."""
    from qalqan.cases.figures import counts, money
    from qalqan.trail.policy import default
    from qalqan.trail.semantics import RULES

    sums = {each: money(home.database, each)["KZT"].as_dict() for each in RULES}
    rule = default().rule
    gap = {
        name: round(100 * abs(sums[rule][name] - truth[name]) / max(truth["stolen_tiyn"], 1), 3)
        for name in truth
        if name.endswith("_tiyn")
    }
    return {
        "simulated": True,
        **counts(home.database),
        **sums[rule],
        "rule": rule,
        "truth": truth,
        "gap_percent_of_stolen": gap,
        "other_rules": {each: sums[each] for each in RULES if each != rule},
        "console": settings().address,
        "home": str(home.settings.home),
    }


def _morning(
    running: ExitStack, home: Home, country: Any, secrets: dict[str, Any]
) -> Callable[[], None]:
    """Thefts of the last hour, so that the console opens on work; what lets their banks go on."""
    from qalqan.simulate.morning import begin

    people.print(word("demo.morning"))
    clock = SharedClock(Path(os.environ["QALQAN_CLOCK"]))
    folder, partners = home.settings.home, secrets["partners"]
    return begin(running, country, folder, settings().address, partners, clock).go_on


def _stay_up(
    server: subprocess.Popen[bytes],
    officers: Sequence[Any],
    passwords: Mapping[str, str],
    go_on: Callable[[], None],
) -> None:
    SharedClock(Path(os.environ["QALQAN_CLOCK"])).set(0, rate=1.0)
    people.print(_logins(officers, passwords))
    first = officers[0].login
    tell("demo.console", address=settings().address, login=first, password=passwords[first])
    people.print(word("demo.stop"))
    try:
        while server.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                server.wait(_PAUSE_S)
            with suppress(Unavailable):  # it is asked again
                go_on()
    except KeyboardInterrupt:
        tell("demo.stopped")


def _logins(officers: Sequence[Any], passwords: Mapping[str, str]) -> Table:
    """A login for each role."""
    table = Table(title=word("demo.logins"), title_justify="left", box=SIMPLE, show_edge=False)
    for column in ("login", "password", "role"):
        table.add_column(word(f"demo.{column}"), no_wrap=column == "password")
    for officer in officers:
        role = say(f"console.role.{officer.role}", language())
        at = f"{role}, {officer.partner or officer.region}"
        table.add_row(escape(officer.login), escape(passwords[officer.login]), at)
    return table
