"""A PostgreSQL with a sample organisation in it and the data directory that belongs to it: what relays stand on."""

import os
import shutil
import signal
from collections.abc import Generator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from relay_server.__main__ import main
from relay_server.engine.postgres_link import PostgresAddress
from tests import pg


@dataclass
class Store:
    """The server now running, and the template: data directory and database."""

    server: pg.Server
    data_dir: Path
    database: PostgresAddress

    def restart(self) -> None:
        """At once, as after a power cut; the port stays."""
        pg.stop(self.server, keep=True)
        self.start()

    def kill(self) -> None:
        """kill -9 of every process of it: nobody is left who could tidy up."""
        postmaster = self.server.process.pid
        os.kill(postmaster, signal.SIGSTOP)  # or it would see its children die and begin anew
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text("ascii").split()
        for each in (postmaster, *map(int, children)):
            os.kill(each, signal.SIGKILL)
        self.server.process.wait(30)

    def start(self) -> None:
        """On the same data and port."""
        self.server = pg.start_again(self.server.home, self.server.port, durable=True)


@contextmanager
def sample_store(room: Path) -> Generator[Store]:
    """Its server ends with this; `room` is an empty directory."""
    server = pg.start_server(durable=True)
    held: Store | None = None
    try:
        database = pg.copy_database(server)
        directory, made = room / "data", room / "credentials.json"
        url = server.loopback(pg.name_of(database)).url
        settings = (f"store_url={url}", f"store_password={pg.PASSWORD}", "log_level=WARNING")
        where = [word for each in settings for word in ("--set", each)]
        words = ["--dir", str(directory), *where, "init", "--sample", "--credentials-file", str(made)]
        with redirect_stdout(StringIO()):  # passwords
            assert main(words) == 0
        shutil.copy(made, directory / "credentials.json")
        held = Store(server, directory, database)
        yield held
    finally:
        pg.stop(held.server if held else server)
