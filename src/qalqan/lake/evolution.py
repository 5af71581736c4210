"""A kind of fact that gained a column, or whose numbers grew wider, and a table made before.

Old files stay as they are: readers take a column that is not there as null and widen what is
narrower (`engine.as_promised`). The table's own schema follows at the next commit, so that
others who read the Delta log (Spark with Delta's own reader) see the new columns too; compaction
writes old rows anew in the new types. A column is never taken away or made narrower.
"""

from __future__ import annotations

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, write_deltalake

from qalqan.errors import ContractBroken
from qalqan.lake.schemas import SCHEMAS

_NO_DAY = "day = '0001-01-01'"
"""No fact is so old: the rewrite of the schema touches no file."""
_WIDENS = {(pa.int32(), pa.int64())}


def table_schema(kind: str) -> pa.Schema:
    """Columns of a kind's table as the Delta log holds them: all nullable."""
    return pa.schema([field.with_nullable(True) for field in SCHEMAS[kind].arrow])


def evolve(table: DeltaTable, kind: str) -> None:
    """Bring an opened table's schema to the kind's, if it lags; by the lease "seal"'s holder.

    Raises:
        ContractBroken: a column has a type that can't become ours.
    """
    there = pa.schema(table.schema().to_arrow())
    wanted = merged(there, table_schema(kind), kind)
    if wanted.equals(there):
        return
    write_deltalake(
        table,
        wanted.empty_table(),
        mode="overwrite",
        schema_mode="overwrite",
        predicate=_NO_DAY,
        commit_properties=CommitProperties(max_commit_retries=0),
        post_commithook_properties=PostCommitHookProperties(
            create_checkpoint=False, cleanup_expired_logs=False
        ),
    )
    table.update_incremental()


def merged(there: pa.Schema, ours: pa.Schema, kind: str) -> pa.Schema:
    """The table's columns in their order with our types, then those that are new; a column of
    a newer version than this one stays."""
    for field in there:
        if field.name not in ours.names:
            continue
        wanted = ours.field(field.name).type
        if field.type != wanted and (field.type, wanted) not in _WIDENS:
            raise ContractBroken(f"{kind}.{field.name} is {field.type}, and {wanted} is wanted")
    kept = [ours.field(one.name) if one.name in ours.names else one for one in there]
    return pa.schema(kept + [field for field in ours if field.name not in there.names])
