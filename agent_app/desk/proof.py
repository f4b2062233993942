"""The agent's word under what they ask of a customer."""

from typing import Final

from agent_app.desk.desk import Desk
from shared.common.ids import new_id
from shared.protocol.messages.remote import AskCapabilities
from shared.protocol.types import Capability
from shared.rules.introduction import prove_ask

MAX_REASON: Final = 200


def signed_ask(
    desk: Desk, conversation_id: str, capabilities: tuple[Capability, ...], reason: str
) -> AskCapabilities | None:
    """A question with this device's signature under it; None for one without a reason. Before the device has its key
    there is no signature, and the customer's computer lets nobody say yes."""
    reason = reason.strip()[:MAX_REASON]
    if not reason:
        return None
    request_id, device = new_id(), desk.device.value
    proof = device and prove_ask(
        device,
        conversation_id=conversation_id,
        request_id=request_id,
        agent_id=desk.my_id,
        capabilities=capabilities,
        reason=reason,
    )
    return AskCapabilities(
        conversation_id=conversation_id, request_id=request_id, capabilities=capabilities, reason=reason, proof=proof
    )
