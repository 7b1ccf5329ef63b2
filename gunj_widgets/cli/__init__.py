"""The `gunj-widgets` command."""

from __future__ import annotations

import sys

from gunj_widgets.cli import recording, relay
from gunj_widgets.cli.parser import Parser
from gunj_widgets.errors import GunjError

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run `gunj-widgets`; return the exit code. What goes wrong is one line on standard error."""
    parser = Parser(prog="gunj-widgets", description="Watch the Gunj Operator live in a notebook.")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="run the embedded operator and JupyterLab with the first notebook")
    demo.add_argument(
        "--check", action="store_true", help="run the notebook without a browser, print what each widget received, exit"
    )
    demo.add_argument("--port", type=int, default=None, help="JupyterLab's port (default: 8888 or the next free one)")
    demo.add_argument("--seed", type=int, default=7, help="seed of the demo operator")
    demo.add_argument(
        "--notebooks",
        default=None,
        metavar="DIR",
        help="serve this folder as it is, instead of a copy of the shipped one",
    )
    doctor = commands.add_parser("doctor", help="look at each step of the way to an operator, and say what is wrong")
    doctor.add_argument("url", help="the operator's address, https://host[:port]")
    doctor.add_argument(
        "--token-file", default=None, metavar="FILE", help="holds the token (default: GUNJ_TOKEN, or ask)"
    )
    doctor.add_argument("--insecure", action="store_true", help="take any certificate")
    recording.add_commands(commands)
    relay.add_commands(commands)
    options = parser.parse_args(arguments)
    try:
        if options.command in ("record", "recording"):
            return recording.run(options)
        if options.command == "relay":
            return relay.run(options)
        if options.command == "doctor":
            from gunj_widgets.cli import doctor as examination

            return examination.run(options.url, token_file=options.token_file, insecure=options.insecure)
        from gunj_widgets.cli.demo import run

        return run(check=options.check, port=options.port, seed=options.seed, folder=options.notebooks)
    except GunjError as error:
        print(f"gunj-widgets: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
