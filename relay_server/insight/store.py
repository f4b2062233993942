"""The rows of ratings."""

from relay_server.engine.journal import Transaction
from shared.protocol.messages.insight import RatingGiven


def insert(tx: Transaction, conversation_key: int, group_id: str, agent_id: str, rating: RatingGiven) -> None:
    """The one rating of a conversation, with whom it concerns."""
    tx.run(
        "INSERT INTO ratings (conversation_key, at_ms, group_id, agent_id, solved, easy, in_control, comment)"
        " VALUES (?,?,?,?,?,?,?,?)",
        (
            conversation_key,
            tx.now_ms,
            group_id,
            agent_id,
            rating.solved,
            rating.easy,
            rating.in_control,
            rating.comment,
        ),
    )
