"""`qalqan`: the commands, a module a noun."""

from __future__ import annotations

import typer

from qalqan.cli import (
    audit,
    backup,
    bulletin,
    calls,
    delivery,
    demo,
    doctor,
    evidence,
    facts,
    hazard,
    index,
    keys,
    lake,
    look,
    mail,
    measures,
    moving,
    outreach,
    partners,
    people,
    policy,
    register,
    replay,
    run,
    screen,
    standings,
    trace,
    train,
    users,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Qalqan: follow stolen money from bank to bank, hold it, return it.",
)
app.command("demo")(demo.demo)
app.command("init")(people.init)
app.command("user")(people.user)
app.add_typer(users.app, name="users")
app.command("policy")(policy.policy)
app.command("serve")(run.serve)
app.command("work")(run.work)
app.command("simulate")(facts.simulate)
app.command("ingest")(facts.ingest)
app.command("detect")(look.detect)
app.command("trace")(trace.trace)
app.command("hazard")(hazard.hazard)
app.add_typer(replay.app, name="replay")
app.add_typer(bulletin.app, name="bulletin")
app.command("figure")(bulletin.figure)
app.add_typer(calls.app, name="calls")
app.add_typer(partners.app, name="partner")
app.add_typer(audit.app, name="audit")
app.add_typer(evidence.app, name="evidence")
app.add_typer(keys.app, name="keys")
app.add_typer(lake.app, name="lake")
app.add_typer(index.app, name="index")
app.add_typer(screen.app, name="screen")
app.add_typer(train.app, name="train")
app.add_typer(outreach.app, name="outreach")
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("delivery")(delivery.delivery)
app.add_typer(mail.app, name="mail")
app.add_typer(measures.app, name="measures")
app.command("migrate")(register.migrate)
app.command("move-register")(moving.move_register)
app.command("move-lake")(moving.move_lake)
app.command("queues")(register.queues)
app.command("standings")(standings.standings)
app.command("doctor")(doctor.doctor)
