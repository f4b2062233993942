"""The subjects, built in their order: a higher one is given lower ones, never the other way round."""

from functools import partial
from typing import Final

from relay_server.admin.retention import Retention
from relay_server.conversations.access import relations_by_key
from relay_server.conversations.service import Conversations
from relay_server.customers.service import Customers
from relay_server.engine import traces
from relay_server.engine.bus import Bus
from relay_server.engine.journal import Journal
from relay_server.engine.node_name import this_node
from relay_server.files.service import Files
from relay_server.gateway.services import Services
from relay_server.identity.accounts import Accounts
from relay_server.identity.keys import Keys, SampleKey
from relay_server.identity.oidc import Client, Provider
from relay_server.identity.passes import Passes
from relay_server.identity.passwords import Passwords
from relay_server.identity.sealed import SealingKeys
from relay_server.identity.second_factor import SecondFactor
from relay_server.identity.service import Above, Identity
from relay_server.identity.single_sign_on import SingleSignOn, Way
from relay_server.insight.service import Insight
from relay_server.knowledge.service import Knowledge
from relay_server.organisation import store as organisation_store
from relay_server.organisation.service import Organisation
from relay_server.recordings.service import Recordings
from relay_server.remote import turn
from relay_server.remote.service import Remote
from relay_server.routing.service import Routing
from relay_server.settings import Settings
from relay_server.tickets.service import Tickets
from relay_server.webhooks.hooks import Terms
from relay_server.webhooks.reach import reach_of
from relay_server.webhooks.sealing import Seal
from relay_server.webhooks.service import Webhooks
from shared.common.clock import now_ms

ABOVE: Final = Above(
    membership=organisation_store.membership,
    name=lambda rows: organisation_store.view(rows).name,
    totp_required=lambda rows: organisation_store.policy(rows).totp_required,
)
"""What the organisation knows of its agents."""


def helpers(settings: Settings) -> turn.Helpers:
    """STUN and TURN, as the settings say. Raises ConfigError."""
    return turn.checked(settings.turn_urls, settings.shared_turn_secret(), settings.turn_ttl_s)


def webhook_terms(settings: Settings) -> Terms:
    """Where webhooks may go and what seals their secrets. Raises ConfigError."""
    reach = reach_of(settings.webhook_networks, loopback=settings.webhook_loopback)
    return Terms(reach, Seal(settings.webhook_key_file))


def build(journal: Journal, bus: Bus, settings: Settings, passwords: Passwords, passes: Passes) -> Services:
    """Every service, ready to be asked. Raises ConfigError."""
    sealing = SealingKeys(settings.sealing_key_file)
    sealing.make()
    second_factor = SecondFactor(sealing)
    identity = Identity(journal, passwords, second_factor, ABOVE, now_ms)
    files = Files(journal, settings.blob_dir, relations_by_key)
    return Services(
        identity=identity,
        accounts=Accounts(journal, passwords, second_factor, ABOVE, now_ms),
        single_sign_on=SingleSignOn(journal, identity, passwords, sealing, _way(settings), now_ms),
        passes=passes,
        keys=Keys(journal, SampleKey(settings.organisation_key_file, settings.sample_passphrase_file), now_ms),
        organisation=Organisation(journal),
        customers=Customers(journal),
        files=files,
        knowledge=Knowledge(journal),
        conversations=Conversations(journal, bus),
        remote=Remote(journal, bus, helpers=helpers(settings)),
        recordings=Recordings(journal, settings.recording_dir),
        routing=Routing(
            journal,
            bus,
            node=this_node(settings.data_dir, settings.shared_dir),
            grace_ms=settings.presence_grace_s * 1000,
        ),
        tickets=Tickets(journal),
        insight=Insight(journal),
        retention=Retention(journal, files, partial(traces.clear, settings), now_ms),
        webhooks=Webhooks(journal, bus, webhook_terms(settings), settings.webhook_hours * 3_600_000, now_ms),
    )


def _way(settings: Settings) -> Way | None:
    if not settings.oidc_issuer:
        return None
    client = Client(
        settings.oidc_issuer, settings.oidc_client_id, settings.single_sign_on_secret(), settings.oidc_ca_file
    )
    return Way(settings.oidc_name, settings.oidc_issuer, Provider(client, now_ms), settings.oidc_provision)
