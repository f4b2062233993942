"""The private names of aiortc and aioice that this package stands on. test_rtc_pins.py fails when one changes."""

from types import SimpleNamespace
from typing import Final

PINNED_AIORTC: Final = "1.16.0"
PINNED_AIOICE: Final = "0.13.0"

PRIVATE: Final = SimpleNamespace(
    history_size="RTP_HISTORY_SIZE",  # rtcrtpsender, module
    handle_rtcp="_handle_rtcp_packet",  # RTCRtpSender
    sender_ssrc="_ssrc",  # RTCRtpSender
    send_rtp="_send_rtp",  # RTCDtlsTransport
    handle_rtp_data="_handle_rtp_data",  # RTCDtlsTransport
    handle_rtcp_data="_handle_rtcp_data",  # RTCDtlsTransport
    certificates="_RTCPeerConnection__certificates",  # RTCPeerConnection
    ice_connection="_connection",  # RTCIceTransport
    ice_gather="get_component_candidates",  # aioice.Connection
    ice_protocols="_protocols",  # aioice.Connection
    relayed_candidate="relayed_candidate",  # aioice.ice, module
    stun_protocol="StunProtocol",  # aioice.ice, module
)
