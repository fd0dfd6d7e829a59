"""`paperboy manifest`: what a chat platform wants to know of Paperboy before it lets it in."""

from __future__ import annotations

import json

import click


@click.group()
def manifest() -> None:
    """Print what a chat platform wants to know of Paperboy, made from its table of commands."""


@manifest.command()
@click.option("--prefix", default="", help="Put before every command: pb- gives /pb-ask.")
@click.option("--http", "url", default="", help="Your public https address, for SLACK_MODE=http.")
@click.option("--json", "as_json", is_flag=True, help="JSON in place of YAML.")
def slack(prefix: str, url: str, as_json: bool) -> None:
    """Print the manifest of a Slack app.

    Paste it at https://api.slack.com/apps, Create New App, From a manifest.

    \b
    paperboy manifest slack
    paperboy manifest slack --prefix pb-
    paperboy manifest slack --http https://paperboy.example.org
    """
    from bot.platforms.slack.manifest import manifest as of_slack
    from bot.platforms.slack.manifest import to_yaml
    from bot.values import parse_prefix
    from digest.errors import InvalidSetting

    if url and not url.startswith("https://"):
        raise InvalidSetting(f"“{url}” is no public https address; try --http https://paperboy.example.org")
    made = of_slack(prefix=parse_prefix(prefix), http=url)
    click.echo(json.dumps(made, ensure_ascii=False, indent=2) if as_json else to_yaml(made).rstrip())
