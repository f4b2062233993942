"""The explicit list of word tables, one a room. A new room adds its import and its line here."""

from typing import Final

from shared.strings.tables import (
    agent_conversation,
    agent_desk,
    agent_frame,
    agent_inbox,
    agent_remote,
    agent_signin,
    agent_tickets,
    chat,
    common,
    errors,
    relay,
)

TABLES: Final[tuple[tuple[dict[str, str], dict[str, str]], ...]] = (
    (common.EN, common.ZH_CN),
    (chat.EN, chat.ZH_CN),
    (errors.EN, errors.ZH_CN),
    (agent_conversation.EN, agent_conversation.ZH_CN),
    (agent_desk.EN, agent_desk.ZH_CN),
    (agent_frame.EN, agent_frame.ZH_CN),
    (agent_inbox.EN, agent_inbox.ZH_CN),
    (agent_remote.EN, agent_remote.ZH_CN),
    (agent_signin.EN, agent_signin.ZH_CN),
    (agent_tickets.EN, agent_tickets.ZH_CN),
    (relay.EN, relay.ZH_CN),
)
