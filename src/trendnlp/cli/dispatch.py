"""Running a command's module, and turning what it raises into words and exit codes."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import typer

from trendnlp.errors import BadReview, SettingsError, TrendnlpError, printable
from trendnlp.settings import Settings

USAGE, BROKEN, INTERRUPTED = 2, 3, 130


def run(context: typer.Context, command: str, *arguments: Any) -> None:
    """Run ``trendnlp.cli.<command>``; imported only now, so that --help does not wait for numpy or torch."""
    try:
        settings = Settings.from_env().with_values(context.obj)
        code = import_module(f"trendnlp.cli.{command}").run(settings, *arguments)
    except (SettingsError, BadReview) as error:
        _complain(error, USAGE)
    except TrendnlpError as error:
        _complain(error, BROKEN)
    except BrokenPipeError:
        # The reader of standard output has gone (`| head`); Python would complain again at exit.
        sys.stdout = None
    except OSError as error:
        print(f"trendnlp: {printable(str(error.filename or 'input or output'))}: {error.strerror}", file=sys.stderr)
        raise typer.Exit(BROKEN) from error
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    else:
        raise typer.Exit(code)


def _complain(error: TrendnlpError, code: int) -> None:
    print(f"trendnlp: {error}", file=sys.stderr)
    raise typer.Exit(code) from error
