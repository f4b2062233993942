"""Fails loudly when aiortc, aioice or PyAV is not the one whose insides shared/media/rtc and liveoptions.py know."""

import inspect
from importlib.metadata import version
from typing import Any

import aioice
import aioice.ice
import av
import pytest
from aiortc import RTCCertificate, RTCPeerConnection, RTCRtpSender, rtcrtpsender, rtp
from aiortc.codecs import CODECS
from aiortc.rtcdtlstransport import RTCDtlsTransport

from shared.media import liveoptions, packets
from shared.media.encoder import Encoder
from shared.media.peer import IceServer, Peer
from shared.media.rtc import pins, sending
from shared.media.rtc.pins import PRIVATE


def source_of(function: Any) -> str:
    return inspect.getsource(function)


def ignore(*_: object) -> None:
    pass


def test_the_versions_are_the_pinned_ones() -> None:
    assert version("aiortc") == pins.PINNED_AIORTC
    assert version("aioice") == pins.PINNED_AIOICE
    assert av.__version__ == liveoptions.PINNED_AV


async def test_every_private_name_is_where_it_was() -> None:
    connection = RTCPeerConnection()
    transceiver = connection.addTransceiver("video")
    sender, transport = transceiver.sender, transceiver.sender.transport
    names = PRIVATE
    assert isinstance(getattr(sender, names.sender_ssrc), int)
    assert inspect.iscoroutinefunction(getattr(sender, names.handle_rtcp))
    assert inspect.iscoroutinefunction(getattr(transport, names.send_rtp))
    assert inspect.iscoroutinefunction(getattr(transport, names.handle_rtp_data))
    assert inspect.iscoroutinefunction(getattr(transport, names.handle_rtcp_data))
    ice: Any = getattr(transport.transport, names.ice_connection)
    assert isinstance(ice, aioice.Connection)
    assert getattr(ice, names.ice_protocols) == []
    (certificate,) = getattr(connection, names.certificates)
    assert isinstance(certificate, RTCCertificate)
    assert inspect.signature(getattr(ice, names.ice_gather)).parameters.keys() == {"component", "addresses", "timeout"}
    asked = inspect.signature(getattr(aioice.ice, names.relayed_candidate)).parameters.keys()
    assert {"turn_server", "turn_username", "turn_password", "turn_ssl", "turn_transport"} < asked
    assert "self.get_component_candidates(component=component, addresses=addresses)" in source_of(
        aioice.Connection.gather_candidates
    )
    assert inspect.isclass(getattr(aioice.ice, names.stun_protocol))
    await connection.close()


def test_the_history_is_read_from_the_module_at_each_use() -> None:
    name = PRIVATE.history_size
    assert source_of(RTCRtpSender._run_rtp).count(name) == 1
    assert source_of(RTCRtpSender._retransmit).count(name) == 1
    sending.enlarge_history()
    assert rtcrtpsender.RTP_HISTORY_SIZE == sending.HISTORY


def test_the_sender_awaits_the_transport_packet_by_packet() -> None:
    assert "await self.transport._send_rtp(packet_bytes)" in source_of(RTCRtpSender._run_rtp)
    assert "await self.__track.recv()" in source_of(RTCRtpSender._next_encoded_frame)
    assert "self.__encoder.pack(data)" in source_of(RTCRtpSender._next_encoded_frame)
    assert "await recipient._handle_rtcp_packet(packet)" in source_of(RTCDtlsTransport._handle_rtcp_data)


def test_the_transport_decrypts_and_then_asks_the_instance() -> None:
    receiving = source_of(RTCDtlsTransport._recv_next)
    assert (
        "data = self._rx_srtp.unprotect_rtcp(data)\n                    await self._handle_rtcp_data(data)" in receiving
    )
    assert "await self._handle_rtp_data(data, arrival_time_ms=arrival_time_ms)" in receiving
    sending = source_of(RTCDtlsTransport._send_rtp)
    assert "self._tx_srtp.protect_rtcp(data)" in sending
    assert "self._tx_srtp.protect(data)" in sending
    assert "await self.transport._send_rtp(payload)" in source_of(RTCRtpSender._send_rtcp)


def test_no_codec_has_our_payload_types() -> None:
    static = {codec.payloadType for each in CODECS.values() for codec in each if codec.payloadType is not None}
    assert not {packets.MEDIA, packets.REPAIR} & static
    assert not {packets.MEDIA, packets.REPAIR} & set(rtp.DYNAMIC_PAYLOAD_TYPES)
    for kind in (packets.MEDIA, packets.REPAIR):
        assert not rtp.is_rtcp(bytes((0x80, kind | 0x80)))


def test_a_repeated_packet_may_be_protected_again() -> None:
    assert "tx_policy.allow_repeat_tx = True" in source_of(RTCDtlsTransport._setup_srtp)


@pytest.mark.parametrize("servers", [[], [IceServer(("turn:192.0.2.9:3478",), "name", "secret")]])
async def test_no_public_stun_server_is_ever_asked(servers: list[IceServer]) -> None:
    peer = Peer(servers, on_message=ignore, on_own=ignore, on_state=ignore, on_open=ignore)
    transceiver = peer.connection.addTransceiver("video")
    ice: Any = getattr(transceiver.receiver.transport.transport, PRIVATE.ice_connection)
    assert ice.stun_server is None
    await peer.close()


def test_an_open_encoder_can_be_steered() -> None:
    encoder = Encoder(64, 64, target_bps=1_000_000)
    encoder.steer(2_000_000, 10.0, 0.1)
    assert encoder._live._address == liveoptions.address_of(encoder._live._context)


def test_another_pyav_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(av, "__version__", "99.0.0")
    with pytest.raises(liveoptions.LiveOptionsError):
        liveoptions.address_of(av.CodecContext.create("libx264", "w"))
