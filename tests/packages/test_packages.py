"""Each package, built from this source, installed on a bare Debian and started. On request: pytest -m packages

THREELINE_PACKAGES names a folder with packages built before (then none is built), THREELINE_SUITES the Debian releases.
"""

import http.client
import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from installers.products import PRODUCTS, Product
from tests.e2e.driver.desktop import Desktop, open_desktop
from tests.e2e.driver.processes import Program
from tests.e2e.driver.waiting import wait_for
from tests.packages.chroots import Chroot

pytestmark = [pytest.mark.packages, pytest.mark.timeout(3600)]

SUITES = os.environ.get("THREELINE_SUITES", "bookworm trixie").split()
STORE = "/var/lib/threeline"
WINDOWS = [product for product in PRODUCTS.values() if product.has_windows]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of packages."""
    if ready := os.environ.get("THREELINE_PACKAGES"):
        return Path(ready).resolve()
    out = tmp_path_factory.mktemp("packages")
    subprocess.run([sys.executable, "-m", "installers.build", "all", "--out", str(out)], check=True)
    return out


@pytest.fixture(scope="module", params=SUITES)
def bare_debian(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chroot]:
    """One per release; each package is removed again by its test."""
    folder = tmp_path_factory.mktemp(request.param)
    yield Chroot.make(request.param, folder / "root")
    shutil.rmtree(folder)


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    with open_desktop("packages") as opened:
        yield opened


def package_of(product: Product, packages: Path) -> Path:
    return next(packages.glob(f"{product.package}_*.deb"))


@pytest.mark.parametrize("product", PRODUCTS.values(), ids=PRODUCTS)
def test_a_package_says_under_which_terms_it_is_handed_out(product: Product, packages: Path, tmp_path: Path) -> None:
    subprocess.run(["dpkg-deb", "-x", str(package_of(product, packages)), str(tmp_path)], check=True)
    documents = tmp_path / "usr/share/doc" / product.package
    bundled = (documents / "bundled.txt").read_text("utf-8")
    has_av = re.search(r"^av ", bundled, re.MULTILINE) is not None
    assert has_av == product.bundles_gpl == product.has_windows
    assert ("GNU GPL, version 3" in (documents / "copyright").read_text("utf-8")) == has_av
    assert "Apache-2.0" in (documents / "copyright").read_text("utf-8")
    names = {path.name for path in (tmp_path / "usr/lib" / product.package / "_internal").iterdir()}
    assert ("PySide6" in names) == product.has_windows
    assert not any(name.startswith("libqgtk3") for name in names)


@dataclass(frozen=True, slots=True)
class Relay:
    """The installed relay, serving."""

    program: Program
    port: int


def serve(bare_debian: Chroot, desktop: Desktop, packages: Path) -> Relay:
    """Install the relay, set it up when nobody has, and start it as its own user."""
    bare_debian.install(package_of(PRODUCTS["relay"], packages))
    inside = bare_debian.folder / STORE[1:]
    as_its_user = ("setpriv", "--reuid", "threeline", "--regid", "threeline", "--clear-groups", "threeline-relay")
    if not (inside / "relay.sqlite3").exists():
        bare_debian.run(*as_its_user, "init", "--dir", STORE, "--organisation", "Package test")
    (inside / "port").unlink(missing_ok=True)
    words = ("serve", "--dir", STORE, "--port", "0", "--port-file", f"{STORE}/port")
    program = bare_debian.start(desktop, "relay", *as_its_user, *words)
    wait_for(lambda: not program.is_alive() or (inside / "port").exists(), "the port", 30)
    assert program.is_alive(), program.output()
    return Relay(program, int((inside / "port").read_text()))


def test_the_relay_is_set_up_and_answers(packages: Path, bare_debian: Chroot, desktop: Desktop) -> None:
    relay = serve(bare_debian, desktop, packages)
    trust = ssl.create_default_context(cafile=str(bare_debian.folder / STORE[1:] / "tls/ca.pem"))
    connection = http.client.HTTPSConnection("127.0.0.1", relay.port, context=trust, timeout=10)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    connection.close()
    assert relay.program.terminate() == 0, relay.program.output()
    assert "ok" in bare_debian.run("threeline-relay", "check", "--dir", STORE).lower()
    bare_debian.run("apt-get", "-q", "purge", "-y", "threeline-relay")
    assert (bare_debian.folder / STORE[1:] / "relay.sqlite3").exists()


@pytest.mark.parametrize("product", WINDOWS, ids=lambda product: product.package)
def test_a_window_opens_and_its_session_process_loads(
    product: Product, packages: Path, bare_debian: Chroot, desktop: Desktop
) -> None:
    relay = serve(bare_debian, desktop, packages)
    bare_debian.install(package_of(product, packages))
    whom = ("--server", f"wss://127.0.0.1:{relay.port}/ws", "--ca", f"{STORE}/tls/ca.pem")
    program = bare_debian.start(desktop, product.package, f"/usr/bin/{product.package}", *whom)
    window = desktop.window(program, timeout_s=30)
    assert window.rect.width > 300
    picture = desktop.eyes.wait_still(window.rect)
    assert len(picture.getcolors(1 << 24) or []) > 20
    program.terminate()

    words = (f"/usr/bin/{product.package}", "session-process", product.session_role)
    with subprocess.Popen(
        bare_debian.command(words), env=dict(desktop.env), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as session:
        loaded = Path(f"/proc/{session.pid}/maps")
        wait_for(lambda: session.poll() is not None or "libavcodec" in loaded.read_text(), "the media stack", 30)
        session.communicate(timeout=30)  # the end of its input is the end of its window
        assert session.returncode == 0

    bare_debian.run("apt-get", "-q", "purge", "-y", product.package)
    assert not (bare_debian.folder / "usr/lib" / product.package).exists()
