"""Events on their way out: which addresses they may go to, and the thread that sends them."""

from __future__ import annotations

from trendnlp.delivery.addresses import check_target
from trendnlp.delivery.courier import Courier

__all__ = ["Courier", "check_target"]
