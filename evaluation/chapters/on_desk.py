"""What a chapter says of itself in a notebook: a short line, its steps, and for each step which ids there are."""

import inspect
from collections.abc import Callable, Iterator, Mapping

from evaluation.base.facts import fact_table


def on_desk(chapter: type) -> type:
    """Let a class of steps, and each step, say in a notebook what it is and takes; decorates the class.

    A chapter has a `context`; `ids_of(parameter)` of the class, where it has that, names the ids that a step takes.
    """
    for name in dir(chapter):
        step = inspect.getattr_static(chapter, name)
        if not name.startswith("_") and inspect.isfunction(step):
            setattr(chapter, name, _StepOf(step))
    chapter.__repr__ = _short
    chapter._repr_html_ = _as_html
    return chapter


class Step:
    """A step of a chapter that is open: call it to show one thing."""

    def __init__(self, function: Callable, chapter: object) -> None:
        self.__func__, self.__self__, self.__wrapped__ = function, chapter, function
        self.__name__, self.__qualname__ = function.__name__, function.__qualname__
        signature = inspect.signature(function)
        self.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])

    @property
    def __doc__(self) -> str:
        """What the step shows, its arguments, and the ids that there are."""
        known = "".join(f"\n    {line}" for line in _arguments(self.__self__, self.__signature__))
        return f"{inspect.getdoc(self.__func__) or ''}" + (f"\n\nWhat it takes here:{known}" if known else "")

    def __call__(self, *given: object, **named: object) -> object:
        """Show it."""
        return self.__func__(self.__self__, *given, **named)

    def __repr__(self) -> str:
        return f"<step {self.__name__}{_takes(self.__func__)}>"

    def _repr_html_(self) -> str:
        lines = dict(line.split(": ", 1) for line in _arguments(self.__self__, self.__signature__))
        return fact_table(f"{self.__name__}: {_first_line(self.__func__)}", lines)


class _StepOf:
    """Gives a step to a chapter that is open, and the function itself to its class."""

    def __init__(self, function: Callable) -> None:
        self.function, self.__doc__ = function, function.__doc__

    def __get__(self, chapter: object | None, _: type | None = None) -> object:
        return self.function if chapter is None else Step(self.function, chapter)


def _arguments(chapter: object, signature: inspect.Signature) -> Iterator[str]:
    """Say of each argument what it may be."""
    ids = _ids(chapter)
    for name in signature.parameters:
        if name in ids:
            yield f"{name}: {', '.join(ids[name]) or 'none'}"
        elif name == "figure_id":
            yield "figure_id: the label of the cell, without fig-"


def _ids(chapter: object) -> Mapping[str, list[str]]:
    """Return the ids that steps of a chapter take, by the name of the argument."""
    context, theme = getattr(chapter, "context", None), getattr(chapter, "theme", None)
    if context is None:
        return {}
    number = getattr(theme, "id", None)
    shown = [item for item in context.indicators.values() if number in (None, item.theme)]
    own = {item.id for item in shown}
    designs = [name for name, item in context.designs.items() if item.indicator in own]
    return {"indicator": [item.id for item in shown if item.has_figures], "design": designs}


def _steps(chapter: object) -> dict[str, Callable]:
    kind = type(chapter)
    found = {name: inspect.getattr_static(kind, name) for name in dir(kind) if not name.startswith("_")}
    return {name: item.function for name, item in found.items() if isinstance(item, _StepOf)}


def _first_line(function: Callable) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0]


def _short(self: object) -> str:
    context, theme = getattr(self, "context", None), getattr(self, "theme", None)
    about = [context.deal.name, str(context.year)] if context is not None else []
    about += [f"thema {theme.id}, {theme.title}"] if hasattr(theme, "title") else []
    return f"<{type(self).__name__}{': ' if about else ''}{', '.join(about)}; {len(_steps(self))} steps>"


def _as_html(self: object) -> str:
    steps = {f"{name}{_takes(function)}": _first_line(function) for name, function in _steps(self).items()}
    return fact_table(_short(self).strip("<>"), steps)


def _takes(function: Callable) -> str:
    return f"({', '.join(list(inspect.signature(function).parameters)[1:])})"
