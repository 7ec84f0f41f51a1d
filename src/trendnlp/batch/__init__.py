"""A corpus in one pass: from files to records on disk."""

from trendnlp.batch.inputs import STDIN, STDIN_NAME, Input, expand
from trendnlp.batch.output import consolidate_all, json_line, run_record, statement_records, write_batch
from trendnlp.batch.shard import Outcome, Step, read_input, run_shard, unexpected

__all__ = [
    "STDIN",
    "STDIN_NAME",
    "Input",
    "Outcome",
    "Step",
    "consolidate_all",
    "expand",
    "json_line",
    "read_input",
    "run_record",
    "run_shard",
    "statement_records",
    "unexpected",
    "write_batch",
]
