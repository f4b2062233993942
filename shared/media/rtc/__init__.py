"""The only package that touches the insides of aiortc and aioice.

- `wire`: toward a viewer of ours, packets of our own kinds on the connection's DTLS-SRTP transport, past aiortc's
  senders and receivers: those know no pacing, no parity, no retry, hold the last frame back until the next one starts,
  and report once a second also when nothing happens.
- `sending`: toward a foreign viewer, ready-made H.264 through aiortc's sender, which then only packs it; its feedback,
  which otherwise ends inside `RTCRtpSender`; a pacer before the transport, and a longer memory for retransmission.
- `paths`: TURN servers by every transport, one certificate for a session, sockets that take a key frame.

Every private name is in `pins`; tests/unit/shared/media/test_rtc_pins.py fails when a pinned version, or one of the
shapes relied on, changes.
"""
