"""The program: `jobctl`, and `python -m jobctl`."""

import gc
import signal
import sys


def main() -> int:
    """Run the command line; the exit code of the process.

    No signal leaves a traceback, however early or late it comes.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # until the command listens itself
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # loading modules makes much and drops little: looking for garbage meanwhile only takes time
    gc.set_threshold(100_000)
    from jobctl.cli import main as run
    from jobctl.errors import Interrupted
    from jobctl.signals import ENDING

    try:
        code = run()
    except Interrupted as late:
        code = late.exit_code
    for number in ENDING:
        # all is done, and the code stands
        signal.signal(number, signal.SIG_IGN)
    return code


if __name__ == "__main__":
    sys.exit(main())
