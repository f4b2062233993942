"""The customer client's entry: hands over to the session process first of all, else starts the window."""

import sys

SESSION_PROCESS = "session-process"


def main() -> int:
    """The exit code of the window, or of the session process when that is the first argument."""
    if sys.argv[1:2] == [SESSION_PROCESS]:
        from shared.session.main import run

        return run(sys.argv[2:])
    from customer_client.app.start import start

    return start(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
