"""Which role a request needs: one table, which the gate enforces, the API's description repeats and the docs print."""

from __future__ import annotations

from dataclasses import dataclass

from trendnlp.access import READING, ROLES, Role

SESSION_COOKIE = "trendnlp_session"
READS = ("GET", "HEAD", "OPTIONS")
ALL = (*READS, "POST", "PUT", "PATCH", "DELETE")
WRITES = ALL[len(READS) :]


@dataclass(frozen=True, slots=True)
class Rule:
    """What requests with one of ``methods`` to ``path``, or below it, need: a key with ``role``, any key where that is
    None, and no key at all where they are ``open`` to everyone.
    """

    methods: tuple[str, ...]
    path: str
    role: Role | None = None
    open: bool = False

    def covers(self, method: str, path: str) -> bool:
        return method in self.methods and (path == self.path or path.startswith(self.path.rstrip("/") + "/"))


# The first that covers a request counts. What a new route writes is for admins until it is named here.
RULES = (
    Rule(READS, "/healthz", open=True),
    Rule(READS, "/readyz", open=True),
    Rule(READS, "/static", open=True),
    Rule((*READS, "POST"), "/login", open=True),
    Rule(("POST",), "/logout", open=True),
    Rule(ALL, "/metrics", Role.ADMIN),
    Rule(ALL, "/v1/webhooks", Role.ADMIN),
    Rule(WRITES, "/v1/documents", Role.SUBMIT),
    Rule(WRITES, "/v1/jobs", Role.SUBMIT),
    Rule(WRITES, "/v1/runs", Role.SUBMIT),
    Rule(WRITES, "/documents", Role.SUBMIT),
    Rule(("POST",), "/upload", Role.SUBMIT),
    Rule(("POST",), "/jobs", Role.SUBMIT),
    Rule(WRITES, "/v1/reviews/import", Role.ADMIN),
    Rule(WRITES, "/v1/reviews", Role.REVIEW),
    Rule(WRITES, "/v1/queue", Role.REVIEW),
    Rule(WRITES, "/review/exchange", Role.ADMIN),
    Rule(WRITES, "/review", Role.REVIEW),
    Rule(WRITES, "/v1/model", Role.REVIEW),
    Rule(WRITES, "/model", Role.REVIEW),
    Rule(("POST",), "/v1/analyze"),
    Rule(("POST",), "/v1/compare"),
    Rule(("POST",), "/settings"),
    Rule(READS, "/"),
    Rule(ALL, "/", Role.ADMIN),
)


def rule_of(method: str, path: str) -> Rule:
    """The rule for a request to ``path``, which is without the path under which the service is mounted."""
    return next((rule for rule in RULES if rule.covers(method, path)), RULES[-1])


def table() -> str:
    """The rules in Markdown: what each role may do, then which requests need which."""
    lines = ["| key | may |", "| --- | --- |", f"| any | {READING} |"]
    lines += [f"| `{role}` | {words} |" for role, words in ROLES.items()]
    lines += ["", "| requests | need |", "| --- | --- |"]
    return "\n".join([*lines, *(f"| {_requests(rule)} | {_need(rule)} |" for rule in RULES)])


def _requests(rule: Rule) -> str:
    words = {READS: "reading", WRITES: "writing", ALL: "all"}
    return f"{words.get(rule.methods, ', '.join(rule.methods))} `{rule.path}`"


def _need(rule: Rule) -> str:
    return "nothing" if rule.open else f"`{rule.role}`" if rule.role else "any key"
