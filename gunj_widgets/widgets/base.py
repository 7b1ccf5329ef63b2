"""The base of every widget: a leaf that mounts through the hub, holds its channels, and lets go of them when closed."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

import anywidget
import msgspec
import traitlets

from gunj_widgets.arguments import needed
from gunj_widgets.connection.loop import get_io
from gunj_widgets.errors import SettingsError
from gunj_widgets.session.session import Session
from gunj_widgets.session.stats import count_feed
from gunj_widgets.widgets import bundle
from gunj_widgets.widgets.asked import check_key, check_known
from gunj_widgets.widgets.channel import Channel
from gunj_widgets.widgets.feed import Feed
from gunj_widgets.widgets.hub import Control, Hub
from gunj_widgets.widgets.keys import take_place
from gunj_widgets.widgets.living import born, close_models
from gunj_widgets.widgets.still import Still, put

__all__ = ["LiveWidget", "Room", "room"]

MAX_BY_HAND = 10_000
"""Characters, as JSON, of what a user set in a view: it is saved with the notebook, and a browser is a peer like any other."""
MAX_SUMMARY = 300
"""Characters of a widget's one-line summary."""

ChannelMaker = Callable[[str, Feed], Channel]


class Room:
    """What the widgets of one kernel share: hub, control comm and feed."""

    def __init__(self, session: Session) -> None:
        self.hub = Hub()
        self.control = Control()
        self.feed = Feed(self.hub.send, get_io(), session.settings.feed, session.settings.pressure)
        count_feed(self.feed.stats)
        self.control.on_msg(lambda _widget, content, _buffers: self.feed.on_message(content))

    def close(self) -> None:
        """Close what is shared; the next widget makes it anew."""
        close_models((self.hub, self.control))

    @property
    def open(self) -> bool:
        return self.hub.comm is not None and self.control.comm is not None


_lock = threading.Lock()
_room: Room | None = None


def room(session: Session) -> Room:
    """Return this kernel's shared room; a new one after somebody closed its models (`Widget.close_all()`)."""
    global _room  # noqa: PLW0603  one per kernel is the point
    with _lock:
        if _room is None or not _room.open:
            _room = Room(session)
            born(_room)
        return _room


class LiveWidget(anywidget.AnyWidget):
    """A live view. `close()` (or garbage collection) releases what it subscribed to; nothing else is needed.

    With `key="a name"` the widget takes the place of the one that an earlier run of the cell made under that name: what was
    set there by hand (filters, matchers, hidden series, the selection) stays, unless the cell now asks for something else in
    its place, and the old one closes. `freeze()` leaves behind what is shown. Subclasses call
    `super().__init__(session, channels, options)` once they know what they show.
    """

    kind: ClassVar[str]

    _hub = anywidget.WidgetTrait().tag(sync=True)
    _control = anywidget.WidgetTrait().tag(sync=True)
    _kind = traitlets.Unicode().tag(sync=True)
    _channels = traitlets.Dict().tag(sync=True)
    _options = traitlets.Dict().tag(sync=True)
    _by_hand = traitlets.Dict().tag(sync=True)
    """What the user set in a view, by name: over the options of the same names, in each view that opens later."""

    _let_go: weakref.finalize[..., LiveWidget] | None = None
    _layout_given = True

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Refuse what is no session before a subclass works with it."""
        for session in args[:1] or [kwargs[name] for name in ("session",) if name in kwargs]:
            needed(session, Session, f"{cls.__name__} shows a session", "Give it first: rt = gunj.connect(...).")
        made: Self = super().__new__(cls, *args, **kwargs)
        return made

    def __init__(
        self,
        session: Session,
        channels: Mapping[str, tuple[str, ChannelMaker]],
        options: Mapping[str, Any],
        *,
        recipe: Mapping[str, Any] | None = None,
        key: str | None = None,
        **kwargs: Any,
    ) -> None:
        check_known(type(self), kwargs, anywidget.AnyWidget.class_trait_names())
        check_key(key)
        self.recipe = {name: value for name, value in (recipe or {}).items() if value is not None}
        """What makes this widget again, beside the session; fit for JSON."""
        self._esm = bundle.source("leaf")
        self._layout_given = "layout" in kwargs
        shared = room(session)
        self.session = session
        super().__init__(
            _hub=shared.hub,
            _control=shared.control,
            _kind=self.kind,
            _channels={role: channel_id for role, (channel_id, _) in channels.items()},
            _options={name: value for name, value in options.items() if value is not None},
            **kwargs,
        )
        born(self)
        shared.feed.act_with(f"status:{session.number}", session.act)
        for channel_id, make in channels.values():
            shared.feed.hold(channel_id, make)
        self._let_go = weakref.finalize(self, _release, shared.feed, [c for c, _ in channels.values()])
        self._let_go.atexit = False
        self.on_msg(_answer_leaf)
        if key is not None:
            self._take_place(key)

    def _take_place(self, key: str) -> None:
        """Be what `key` names from now on: the one before, of an earlier run of the cell, hands over what it kept and closes."""
        before = take_place((self.kind, self.session.number, key), self)
        if before is not None:
            self.adopt(before)
            before.close()

    def adopt(self, before: LiveWidget) -> None:
        """Take over what the user set in the widget that was here before, save where the cell itself asks for something else now."""
        asked, asked_before = self._options, before._options
        self._by_hand = {
            name: value for name, value in before._by_hand.items() if asked.get(name) == asked_before.get(name)
        }

    def restore(self, by_hand: dict[str, Any]) -> None:
        """Set what a user had set by hand, as a dashboard kept it; SettingsError where it is too much."""
        if not _fits(by_hand):
            raise SettingsError(
                f"what was set by hand in the {self.kind} has more than {MAX_BY_HAND:,} characters",
                "Take by_hand out of the file, or make the widget anew.",
            )
        self._by_hand = by_hand

    @traitlets.validate("_by_hand")
    def _bounded(self, proposal: Any) -> dict[str, Any]:
        """Keep what was there where a browser wants to have too much kept."""
        kept: dict[str, Any] = proposal["value"]
        return kept if _fits(kept) else self._by_hand

    def close(self) -> None:
        """Close this view; the session goes on."""
        if self._let_go is not None:  # None: refused while it was built
            self._let_go()
        own = None if self._layout_given else self.layout
        super().close()
        if own is not None:  # ipywidgets makes one for each widget, and never closes it
            own.close()

    def hear(self, content: dict[str, Any]) -> None:
        """Take what this view's browser side tells it (`op` "tell"); most have nothing to be told."""

    def still(self) -> Still:
        """Return what this view shows now, for `freeze`."""
        return Still(type(self).__name__, self.summary())

    def freeze(self) -> None:
        """Show what there is now as an output of its own: HTML and text, and of a chart a picture where one is in sight.

        It stays when the kernel is gone, and is what GitHub, nbviewer and nbconvert show of the notebook.
        """
        frozen = self.still()
        put({"text/html": frozen.html, "text/plain": frozen.text})

    def summary(self) -> str:
        """Return the view as one or two lines of text: what a front-end without widgets, and a log, shows."""
        raise NotImplementedError

    def __repr__(self) -> str:
        words = self.summary() if self.comm is not None else "closed"
        # A terminal obeys what a browser only shows, and a summary names what a server named.
        safe = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in words[:MAX_SUMMARY])
        return f"<{type(self).__name__} {safe}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        shown = super()._repr_mimebundle_(**kwargs)
        if shown is None:
            return None
        data, metadata = shown
        return {**data, "text/plain": repr(self)}, metadata


def _fits(by_hand: dict[str, Any]) -> bool:
    try:
        return len(msgspec.json.encode(by_hand)) <= MAX_BY_HAND
    except (ValueError, RecursionError, msgspec.MsgspecError):  # half a character, say, or nested beyond all bounds
        return False


def _release(feed: Feed, channel_ids: list[str]) -> None:
    for channel_id in channel_ids:
        feed.release(channel_id)


def _answer_leaf(leaf: LiveWidget, content: Any, _buffers: Any) -> None:
    """Serve a front-end without `host.getWidget`: the bundle on request, then the feed, on the leaf's own comm."""
    if not isinstance(content, dict):
        return
    if content.get("op") == "tell":
        leaf.hear(content)
    elif content.get("op") == "bundle":
        leaf.send({"op": "bundle", "source": bundle.source("hub")})
    else:
        room(leaf.session).feed.on_message(content, direct=(leaf.model_id, leaf.send))
