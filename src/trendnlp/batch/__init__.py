"""A corpus in one pass: from files to records on disk, or into a workspace."""

from trendnlp.batch.entries import Entry, Head, State, encode, entries_of
from trendnlp.batch.inputs import STDIN, STDIN_NAME, Input, Line, expand
from trendnlp.batch.job import Job, Sink, make_plan, perform, salt_of
from trendnlp.batch.output import (
    REPORT,
    WORK,
    Basis,
    Files,
    Summary,
    check_output,
    consolidate_all,
    statement_records,
)
from trendnlp.batch.plan import Plan, Salt, Shard
from trendnlp.batch.processes import Processes
from trendnlp.batch.progress import Stopped, Watch, Watched, go_on
from trendnlp.batch.ray import Actors
from trendnlp.batch.rows import lines_of
from trendnlp.batch.saving import Keeper, Saving
from trendnlp.batch.shard import Outcome, Step, read_input, run_shard, unexpected
from trendnlp.batch.tables import DOCUMENTS, FINDINGS, STATEMENTS, schema_of, table_opener
from trendnlp.batch.work import Work
from trendnlp.batch.workers import Alone, Crew, Died, Done, Ready, Recipe, Task, Team
from trendnlp.encode import cores
from trendnlp.records import json_line

__all__ = [
    "DOCUMENTS",
    "FINDINGS",
    "REPORT",
    "STATEMENTS",
    "STDIN",
    "STDIN_NAME",
    "WORK",
    "Actors",
    "Alone",
    "Basis",
    "Crew",
    "Died",
    "Done",
    "Entry",
    "Files",
    "Head",
    "Input",
    "Job",
    "Keeper",
    "Line",
    "Outcome",
    "Plan",
    "Processes",
    "Ready",
    "Recipe",
    "Salt",
    "Saving",
    "Shard",
    "Sink",
    "State",
    "Step",
    "Stopped",
    "Summary",
    "Task",
    "Team",
    "Watch",
    "Watched",
    "Work",
    "check_output",
    "consolidate_all",
    "cores",
    "encode",
    "entries_of",
    "expand",
    "go_on",
    "json_line",
    "lines_of",
    "make_plan",
    "perform",
    "read_input",
    "run_shard",
    "salt_of",
    "schema_of",
    "statement_records",
    "table_opener",
    "unexpected",
]
