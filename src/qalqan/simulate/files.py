"""A country as files: facts as Parquet, one a kind and source, and the truth as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq

from qalqan.errors import InputRejected
from qalqan.simulate.country import Drawn
from qalqan.simulate.truth import truth_untouched
from qalqan.text.catalogue import LANGUAGES, say

_ALL_DIFFER = ("id", "at_us", "uetr")


def write(country: Drawn, folder: Path) -> dict[str, int]:
    """Write `facts/<kind>/<source>.parquet`, `truth.json`, `README.md` that says that all of it
    is simulated; returns file name → rows. `InputRejected` for a folder that holds anything.

    The truth is that of a country in which nobody holds anything: the parts at the end, every
    claim with what happens to it, and every payment of the rings with the units it carries.
    """
    check_empty(folder)
    (folder / "README.md").write_text(_readme(country), encoding="utf-8")
    rows: dict[str, int] = {}
    writers: dict[str, pq.ParquetWriter] = {}
    for kind, source, table in country.history():
        name = f"facts/{kind}/{source}.parquet"
        if name not in writers:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            writers[name] = pq.ParquetWriter(
                folder / name, table.schema, compression="zstd",
                write_statistics=["at_us"],
                use_dictionary=[name for name in table.column_names if name not in _ALL_DIFFER],
            )  # fmt: skip
        writers[name].write_table(table)
        rows[name] = rows.get(name, 0) + table.num_rows
    for writer in writers.values():
        writer.close()
    (folder / "truth.json").write_text(_truth(country), encoding="utf-8")
    return rows


def check_empty(folder: Path) -> None:
    """Make the folder, or refuse one that holds anything."""
    folder.mkdir(parents=True, exist_ok=True)
    if next(folder.iterdir(), None) is not None:
        raise InputRejected("folder", str(folder), "simulate.empty_folder")


def _readme(country: Drawn) -> str:
    told = {"size": country.size.name, "seed": country.seed}
    return "\n\n".join(say("simulate.readme", language, **told) for language in LANGUAGES) + "\n"


def _truth(country: Drawn) -> str:
    text = country.population.accounts.text
    legs = [
        {
            "at_us": made.at_us,
            "payer": text[made.payer].as_py(),
            "payee": text[made.payee].as_py(),
            "amount": made.amount,
            "instrument": made.instrument,
            "carried": made.carried,
        }
        for made in country.made
    ]
    claims = [
        {
            "claim": claim.number, "ring": claim.ring, "payer": text[claim.payer].as_py(),
            "amount": claim.amount, "at_us": claim.at_us, "reported_us": claim.reported_us,
            "methods": claim.methods,
        }
        for claim in country.plan.claims
    ]  # fmt: skip
    rings = [
        {
            "ring": ring.number, "organiser": text[ring.organiser].as_py(),
            "drops": [text[drop].as_py() for drop in ring.drops],
            "with_float": sorted(text[drop].as_py() for drop in ring.with_float),
        }
        for ring in country.plan.rings
    ]  # fmt: skip
    body = {
        "simulated": True,
        "size": country.size.name,
        "seed": country.seed,
        "start_us": country.start_us,
        "if_nobody_holds": truth_untouched(country).as_dict(),
        "rings": rings,
        "claims": claims,
        "past_legs": legs,
    }
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"
