"""Talk as part of a session process: on the customer's side it is open to whom the customer lets hear and be heard."""

from collections.abc import Callable, Coroutine
from typing import Final

from shared.media.sound import SoundCard, SoundFault
from shared.media.sound_portaudio import PortAudioCard
from shared.media.voice import Levels, Voice, VoiceLine, VoiceState
from shared.session import voice_messages as v
from shared.session.parts import AgentHost, CustomerHost

NOBODY: Final[frozenset[str]] = frozenset()


class Talk:
    """Devices, mute and levels, alike on both sides."""

    def __init__(
        self,
        spawn: Callable[[Coroutine[object, object, None], str], None],
        report: Callable[[v.VoiceReport], None],
        report_latest: Callable[[v.VoiceReport], None],
        card: Callable[[], SoundCard],
    ) -> None:
        self._spawn, self._report, self._report_latest = spawn, report, report_latest
        self._let: frozenset[str] = NOBODY
        self.voice = Voice(card, self._changed, self._levels)

    def order(self, order: v.VoiceOrder) -> None:
        """From the window."""
        match order:
            case v.FindSound():
                self._spawn(self._find(), "find sound devices")
            case v.UseSound(input_id=input_id, output_id=output_id, muted=muted):
                self.voice.muted = muted
                self._spawn(self.voice.choose(input_id, output_id), "choose sound devices")

    def let(self, peer_ids: frozenset[str]) -> None:
        """Only these hear and are heard; whoever is left out, at once."""
        if peer_ids == self._let:
            return
        self._let = peer_ids
        self._spawn(self.voice.let(peer_ids), "talk")

    async def _find(self) -> None:
        try:
            found = await self.voice.devices()
        except SoundFault as fault:
            self._report(v.SoundFound(fault=fault.code))
        else:
            inputs, outputs = (
                tuple(v.Device(id=each.id, name=each.name) for each in devices)
                for devices in (found.inputs, found.outputs)
            )
            self._report(v.SoundFound(inputs=inputs, outputs=outputs))

    def _changed(self, state: VoiceState) -> None:
        self._report(v.VoiceChanged(on=state.on, fault=state.fault))

    def _levels(self, levels: Levels) -> None:
        self._report_latest(v.VoiceLevels(here_db=levels.here_db, there_db=levels.there_db))


class CustomerTalk:
    """The customer's end (a parts.CustomerPart): asks the consent in force whom to let hear, at each change.

    It has no data channel; its sound comes and goes with the connections.
    """

    channel = ""

    def __init__(self, host: CustomerHost, card: Callable[[], SoundCard] = PortAudioCard) -> None:
        self._host = host
        self._people: frozenset[str] = NOBODY
        self._talking: frozenset[str] = NOBODY
        self.talk = Talk(host.spawn, host.report, host.report_latest, card)

    def line(self, agent_id: str) -> VoiceLine:
        """For a connection to this agent."""
        self._people |= {agent_id}
        return self.talk.voice.line(agent_id)

    def message(self, agent_id: str, data: bytes) -> None:
        """There is no channel that it could come by."""

    def standing_changed(self) -> None:
        talking = frozenset(agent for agent in self._people if self._host.allows(agent, "audio"))
        for agent_id in talking - self._talking:
            self._host.used(agent_id, "audio")
        self._talking = talking
        self.talk.let(talking)

    def stop(self) -> None:
        self.talk.voice.shut()

    async def close(self) -> None:
        await self.talk.voice.close()


class AgentTalk:
    """The agent's end (a parts.AgentPart): open while the customer's machine says that we may talk."""

    channel = ""
    _CUSTOMER: Final = "customer"

    def __init__(self, host: AgentHost, card: Callable[[], SoundCard] = PortAudioCard) -> None:
        self.talk = Talk(host.spawn, host.report, host.report_latest, card)

    def line(self) -> VoiceLine:
        """For a connection to the customer."""
        return self.talk.voice.line(self._CUSTOMER)

    def may(self, allowed: bool) -> None:
        """What the customer's machine says."""
        self.talk.let(frozenset({self._CUSTOMER}) if allowed else NOBODY)

    def message(self, data: bytes) -> None:
        """There is no channel that it could come by."""

    def connected(self, live: bool) -> None:
        if not live:
            self.may(False)

    async def close(self) -> None:
        await self.talk.voice.close()
