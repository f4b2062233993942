"""What everybody may know of the organisation."""

from relay_server.engine.journal import Journal
from relay_server.engine.raw import rows_of
from relay_server.organisation import store
from shared.protocol.messages.identity import OrganisationView


class Organisation:
    """Reads what was set up."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def view(self) -> OrganisationView:
        """The name that every window shows, and whether it is a sample."""
        return await self._journal.read(lambda sql: store.view(rows_of(sql)))
