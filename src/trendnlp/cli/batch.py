"""``trendnlp batch``: a folder of reports into files of JSON lines."""

from __future__ import annotations

from pathlib import Path

from trendnlp import __version__
from trendnlp.batch import consolidate_all, expand, run_shard, write_batch
from trendnlp.build import artefact, build_pipeline, limits, model_name
from trendnlp.cli.output import given, progress, say
from trendnlp.settings import Settings
from trendnlp.types import Analysis, Failure, Run, Skipped


def run(settings: Settings, source: Path, out: Path, force_language: bool = False) -> int:
    inputs = expand([source], limits(settings))
    models = artefact(settings)
    out.mkdir(parents=True, exist_ok=True)  # a folder that cannot be written shows before the work, not after it
    pipeline = build_pipeline(models, settings)
    outcomes = run_shard(inputs, pipeline, limits(settings), progress(len(inputs)), given(force_language))
    analyses = [o for o in outcomes if isinstance(o, Analysis)]
    consolidation = consolidate_all(analyses, pipeline)
    result = Run(
        done=tuple(a.document.source for a in analyses),
        skipped=tuple(o for o in outcomes if isinstance(o, Skipped)),
        failed=tuple(o for o in outcomes if isinstance(o, Failure)),
        models=(
            (model_name(models, settings), pipeline.model.digest),
            ("encoder", pipeline.matcher.encoder.digest),
            ("matcher", pipeline.matcher.digest),
        ),
        settings=(
            ("version", __version__),
            ("threshold", str(consolidation.threshold)),
            ("max_bytes", str(settings.max_bytes)),
            ("max_characters", str(settings.max_characters)),
        ),
    )
    write_batch(out, analyses, consolidation, result)
    say(
        f"{len(result.done)} done, {len(result.skipped)} skipped, {len(result.failed)} failed; "
        f"{len(consolidation.findings)} findings in {out}"
    )
    return 1 if result.failed else 0
