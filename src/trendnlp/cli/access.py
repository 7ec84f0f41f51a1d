"""The commands on keys and webhooks: their options. The work is in ``keys`` and ``webhooks``."""

from __future__ import annotations

from typing import Annotated

import typer

from trendnlp.access import ROLES, Role
from trendnlp.cli.dispatch import run
from trendnlp.cli.options import ListFormat
from trendnlp.events import EventType

keys_app = typer.Typer(
    no_args_is_help=True,
    help="API keys. Once there is one, the service asks for a key, and may listen for other machines.",
)
webhooks_app = typer.Typer(no_args_is_help=True, help="Addresses to which the service sends events.")

Roles = Annotated[
    list[Role],
    typer.Option(
        "--role",
        help="May be repeated. Every key may read; " + "; ".join(f"{role}: {words}" for role, words in ROLES.items()),
    ),
]
Format = Annotated[ListFormat, typer.Option(help="table is for reading, jsonl for programs.")]
WebhookId = Annotated[str, typer.Argument(metavar="WEBHOOK", help="The id of a webhook.")]


@keys_app.command("add")
def add_key(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Whose it is: decisions made with it carry this name.")],
    role: Roles,
    expires: Annotated[str | None, typer.Option(help="The day, YYYY-MM-DD (UTC), from which it works no more.")] = None,
) -> None:
    """Make a key and print it. It is shown this once; the store keeps a digest."""
    run(context, "keys", "add", name, tuple(role), expires)


@keys_app.command("list")
def list_keys(context: typer.Context, format: Format = ListFormat.TABLE) -> None:
    """List the keys by their beginnings, with roles and last use."""
    run(context, "keys", "list", str(format))


@keys_app.command("revoke")
def revoke_key(
    context: typer.Context, key: Annotated[str, typer.Argument(help="Its id, as `keys list` says.")]
) -> None:
    """Make a key worth nothing, at once. Also after the last one the service asks for keys."""
    run(context, "keys", "revoke", key)


@webhooks_app.command("add")
def add_webhook(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="An https address that the whole internet reaches.")],
    event: Annotated[list[EventType], typer.Option("--event", help="May be repeated.")],
) -> None:
    """Send events to an address, and print the secret that they are signed with. It is shown this once."""
    run(context, "webhooks", "add", url, tuple(event))


@webhooks_app.command("list")
def list_webhooks(context: typer.Context, format: Format = ListFormat.TABLE) -> None:
    """List the webhooks, and which are disabled because nothing reached them."""
    run(context, "webhooks", "list", str(format))


@webhooks_app.command("remove")
def remove_webhook(context: typer.Context, webhook: WebhookId) -> None:
    """Send an address nothing more."""
    run(context, "webhooks", "remove", webhook)


@webhooks_app.command("enable")
def enable_webhook(context: typer.Context, webhook: WebhookId) -> None:
    """Send again to a webhook that was disabled."""
    run(context, "webhooks", "enable", webhook)


@webhooks_app.command("deliveries")
def list_deliveries(
    context: typer.Context,
    webhook: WebhookId,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    format: Format = ListFormat.TABLE,
) -> None:
    """List what was and is to be sent to a webhook, the newest first."""
    run(context, "webhooks", "deliveries", webhook, limit, str(format))


@webhooks_app.command("redeliver")
def redeliver(
    context: typer.Context,
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="The id of a delivery.")],
) -> None:
    """Send an event again, whatever became of it before. The service does it, once it runs."""
    run(context, "webhooks", "redeliver", delivery)
