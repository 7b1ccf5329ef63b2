"""`python -m gunj_widgets.cli`."""

from gunj_widgets.cli import main

raise SystemExit(main())
