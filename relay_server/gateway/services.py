"""The subjects that the gateway speaks for, as one value."""

from dataclasses import dataclass

from relay_server.admin.retention import Retention
from relay_server.conversations.service import Conversations
from relay_server.customers.service import Customers
from relay_server.files.service import Files
from relay_server.identity.accounts import Accounts
from relay_server.identity.keys import Keys
from relay_server.identity.passes import Passes
from relay_server.identity.service import Identity
from relay_server.identity.single_sign_on import SingleSignOn
from relay_server.insight.service import Insight
from relay_server.knowledge.service import Knowledge
from relay_server.organisation.service import Organisation
from relay_server.recordings.service import Recordings
from relay_server.remote.service import Remote
from relay_server.routing.service import Routing
from relay_server.tickets.service import Tickets
from relay_server.webhooks.service import Webhooks


@dataclass(frozen=True, slots=True)
class Services:
    """Built once in `app`."""

    identity: Identity
    accounts: Accounts
    single_sign_on: SingleSignOn
    passes: Passes
    keys: Keys
    organisation: Organisation
    customers: Customers
    files: Files
    knowledge: Knowledge
    conversations: Conversations
    remote: Remote
    recordings: Recordings
    routing: Routing
    tickets: Tickets
    insight: Insight
    retention: Retention
    webhooks: Webhooks
