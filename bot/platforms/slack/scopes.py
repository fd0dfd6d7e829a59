"""What the Slack app may do, and what is lost without; each scope is asked for in the manifest."""

from __future__ import annotations

# Without these nothing works.
NEEDED = {"chat:write": "posting", "commands": "slash commands"}

WANTED = {
    "app_mentions:read": "mentions of the bot in channels",
    "im:history": "messages to the bot in private",
    "users:read": "people's names, time zones and languages",
    "files:write": "reports and exports as files",
    "reactions:read": "👍, 👎 and 🔖 under papers",
    "channels:read": "names of channels, and notice when one is archived",
    "groups:read": "the same of private channels",
    "channels:history": "questions in threads, and finding a message again after a lost connection",
    "groups:history": "the same in private channels",
    "reactions:write": "👀 under a question that is being read up",
}
