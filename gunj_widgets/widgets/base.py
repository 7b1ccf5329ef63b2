"""The base of every widget: a leaf that mounts through the hub, holds its channels, and lets go of them when closed."""

from __future__ import annotations

import json
import threading
import weakref
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import anywidget
import traitlets

from gunj_widgets.connection.loop import get_io
from gunj_widgets.session.session import Session
from gunj_widgets.widgets import bundle
from gunj_widgets.widgets.channel import Channel
from gunj_widgets.widgets.feed import Feed
from gunj_widgets.widgets.hub import Control, Hub
from gunj_widgets.widgets.living import born, close_models
from gunj_widgets.widgets.still import Still, put

__all__ = ["LiveWidget", "Room", "room"]

MAX_SUMMARY = 300
"""Characters of a widget's one-line summary."""
MAX_KEPT = 16_000
"""Characters of JSON that a view may keep in its widget, and with that in the saved notebook."""

ChannelMaker = Callable[[str, Feed], Channel]


class Room:
    """What the widgets of one kernel share: hub, control comm and feed."""

    def __init__(self, session: Session) -> None:
        self.hub = Hub()
        self.control = Control()
        self.feed = Feed(self.hub.send, get_io(), session.settings.feed, session.settings.pressure)
        self.control.on_msg(lambda _widget, content, _buffers: self.feed.on_message(content))

    def close(self) -> None:
        """Close what is shared; the next widget makes it anew."""
        close_models((self.hub, self.control))

    @property
    def open(self) -> bool:
        return self.hub.comm is not None and self.control.comm is not None


_by_key: weakref.WeakValueDictionary[tuple[str, int, str], LiveWidget] = weakref.WeakValueDictionary()
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


class Kept(traitlets.Dict):
    """What a browser keeps, unless it is too much: a page is a peer like any other. Then what was there before stays."""

    def validate(self, obj: Any, value: Any) -> Any:
        new = super().validate(obj, value)
        return new if len(json.dumps(new, default=str)) <= MAX_KEPT else getattr(obj, str(self.name))


class LiveWidget(anywidget.AnyWidget):
    """A live view. `close()` (or garbage collection) releases what it subscribed to; nothing else is needed.

    With `key="a name"` the widget takes the place of the one that an earlier run of the cell made under that name: what was
    set there by hand stays, but for what the code now says otherwise, and the old one closes. `freeze()` leaves behind what
    is shown. Subclasses call `super().__init__(session, channels, options)` once they know what they show.
    """

    kind: ClassVar[str]

    _hub = anywidget.WidgetTrait().tag(sync=True)
    _control = anywidget.WidgetTrait().tag(sync=True)
    _kind = traitlets.Unicode().tag(sync=True)
    _channels = traitlets.Dict().tag(sync=True)
    _options = traitlets.Dict().tag(sync=True)
    _kept = Kept().tag(sync=True)
    """What the user set by hand in the browser, by name: a view begins with it. What is also an option goes before that."""

    _let_go: weakref.finalize[..., LiveWidget] | None = None
    _layout_given = True

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
        known = set(anywidget.AnyWidget.class_trait_names())
        unknown = sorted(set(kwargs) - known)
        if unknown:
            raise TypeError(
                f"{type(self).__name__} does not know {', '.join(unknown)}; see help({type(self).__name__})"
            )
        self.recipe = {name: value for name, value in (recipe or {}).items() if value is not None}
        """What makes this widget again, beside the session; fit for JSON."""
        self._esm = bundle.source("leaf")
        self._layout_given = "layout" in kwargs
        shared = room(session)
        self.session = session
        said = {name: value for name, value in options.items() if value is not None}
        name = None if key is None else (self.kind, session.number, key)
        before = None if name is None else _by_key.get(name)
        if before is not None and before.comm is None:  # closed
            before = None
        super().__init__(
            _hub=shared.hub,
            _control=shared.control,
            _kind=self.kind,
            _channels={role: channel_id for role, (channel_id, _) in channels.items()},
            _options=said,
            _kept={} if before is None else before._left_to(said, self.recipe),
            **kwargs,
        )
        born(self)
        shared.feed.act_with(f"status:{session.number}", session.act)
        for channel_id, make in channels.values():
            shared.feed.hold(channel_id, make)
        self._let_go = weakref.finalize(self, _release, shared.feed, [c for c, _ in channels.values()])
        self._let_go.atexit = False
        self.on_msg(_answer_leaf)
        if name is not None:
            _by_key[name] = self
        if before is not None:
            before.close()

    def _left_to(self, options: Mapping[str, Any], recipe: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the user set here, for the next run's widget: not where its code says another thing than ours did."""

        def same(name: str) -> bool:
            return bool(self._options.get(name) == options.get(name) and self.recipe.get(name) == recipe.get(name))

        return {name: value for name, value in self._kept.items() if same(name)}

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
