"""What people write in YAML files, as validated objects: each fault with its file and key, and all of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from evaluation.base.errors import Fault, InputError, did_you_mean
from evaluation.base.paths import read_bytes, shown
from evaluation.base.text import normalised

if TYPE_CHECKING:  # the class below is made of it, and a checker cannot follow `getattr`
    from yaml import SafeLoader as LOADER
else:
    LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader of YAML, many times faster where its C library is there."""


_DEEPEST, _MOST_NODES, _MOST_LETTERS, _LONGEST_VALUE = 50, 200_000, 8_000_000, 200
"""Of nodes as they are when every alias is written out, so that none of those who walk through them falls for it."""


class UniqueKeys(LOADER):
    """Refuse a key that stands twice in one mapping, as YAML would silently keep the last, and a value that is none."""

    def construct_mapping(self, node, deep=False):
        """Make a mapping, as the loader that this is made of does, after a look at its keys."""
        seen: set[str] = set()
        for name, place in ((str(key.value), key.start_mark) for key, _ in _pairs(node)):
            if name in seen:
                raise yaml.MarkedYAMLError(problem=f"{name!r} stands twice", problem_mark=place)
            seen.add(name)
        return super().construct_mapping(node, deep=deep)

    def construct_object(self, node, deep=False):
        """Make a value; a number or date that cannot be is told with its place."""
        is_text = not isinstance(node, yaml.ScalarNode) or node.tag == "tag:yaml.org,2002:str"
        if not is_text and len(node.value) > _LONGEST_VALUE:
            raise yaml.MarkedYAMLError(problem="a number or date that is too long", problem_mark=node.start_mark)
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            what = f"{str(node.value)[:60]!r}, which is no value of its kind ({error})"
            raise yaml.MarkedYAMLError(problem=what, problem_mark=node.start_mark) from None


def load_yaml(text: bytes | str, loader: type = UniqueKeys) -> Any:
    """Load YAML of people; deeper or larger than they write it, with each alias written out, is a YAMLError."""
    if len(text) > _MOST_LETTERS:
        raise yaml.MarkedYAMLError(problem=f"YAML that is too large (at most {_MOST_LETTERS // 10**6} MB)")
    total = 0
    known: dict[str | None, tuple[int, int]] = {}  # nodes and levels of what an anchor stands for
    around: list[tuple[str | None, int, int]] = []  # anchor of each open collection, nodes before it, levels in it
    event: Any
    for event in yaml.parse(text, Loader=LOADER):
        levels, fault = 0, None
        if isinstance(event, yaml.AliasEvent):
            nodes, levels = known.get(event.anchor, (1, 0))
            total += nodes
            fault = "an alias within what it stands for" if any(event.anchor == item[0] for item in around) else None
        elif isinstance(event, yaml.CollectionStartEvent):
            around.append((event.anchor, total, 0))
            total += 1
        elif isinstance(event, yaml.ScalarEvent):
            known[event.anchor] = (1 + len(event.value) // 100, 0)
            total += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, begun, inner = around.pop()
            levels = inner + 1
            known[anchor] = (total - begun, levels)
        if around:
            around[-1] = (*around[-1][:2], max(around[-1][2], levels))
        if (is_deep := len(around) + levels > _DEEPEST) or total > _MOST_NODES or fault:
            fault = fault or f"YAML that is {'nested too deep' if is_deep else 'too large'}"
            raise yaml.MarkedYAMLError(problem=fault, problem_mark=event.start_mark)
    return yaml.load(text, Loader=loader)


def read_mapping(path: Path, allowed: set[str], faults: list[Fault]) -> dict:
    """Read a YAML file that holds a mapping with only the `allowed` keys; add its faults, return what can be read."""
    if not path.is_file():
        faults.append(Fault(shown(path), "no such file", "a file"))
        return {}
    try:
        content = _parse(read_bytes(path))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        faults.append(Fault(shown(path), str(error).replace("\n", " "), "YAML"))
        return {}
    if not isinstance(content, dict):
        faults.append(Fault(shown(path), type(content).__name__, f"a mapping with {', '.join(sorted(allowed))}"))
        return {}
    for key in content.keys() - allowed:
        faults.append(Fault(shown(path), repr(key), f"one of {', '.join(sorted(allowed))}", key=str(key)))
    return content


@lru_cache(maxsize=64)
def _parse(text: bytes) -> object:
    """Parse a file once for all who look at it; nobody changes what it gives."""
    return load_yaml(normalised(text.decode("utf-8-sig")))


def mapping_under(content: dict, name: str, path: Path, faults: list[Fault]) -> dict:
    """Return the mapping under a key; empty where there is none, with a fault where it is something else."""
    part = content.get(name) or {}
    if isinstance(part, dict):
        return part
    faults.append(Fault(shown(path), type(part).__name__, "a mapping from id to fields", key=name))
    return {}


def build_entry(model: type[BaseModel], fields: object, extra: dict, path: Path, place: str, faults: list[Fault]):
    """Validate one object; add its faults and return None where it has any."""
    if not isinstance(fields, dict):
        faults.append(Fault(shown(path), repr(fields), "a mapping of fields", key=place))
        return None
    try:
        return model.model_validate({**fields, **extra})
    except ValidationError as error:
        for item in error.errors():
            key = ".".join(filter(None, [place, *map(str, item["loc"])]))
            faults.append(shape_fault(item, model, shown(path), key))
        return None


def read_entries(path: Path, section: str, model: type[BaseModel], faults: list[Fault]) -> dict:
    """Read a YAML file of entries by id under one section, with notes beside it; add its faults."""
    return build_entries(read_mapping(path, {"notes", section}, faults), section, path, model, faults)


def build_entries(
    content: dict, section: str, path: Path, model: type[BaseModel], faults: list[Fault], *, key_name: str | None = "id"
) -> dict:
    """Validate each entry under a section, with its key as the field `key_name` if any; leave out those with faults."""
    built = {
        key: build_entry(model, fields, {key_name: key} if key_name else {}, path, f"{section}.{key}", faults)
        for key, fields in mapping_under(content, section, path, faults).items()
    }
    return {key: item for key, item in built.items() if item is not None}


def raise_faults(faults: list[Fault]) -> None:
    """Raise one InputError with all faults, where there are any."""
    if faults:
        raise InputError(faults)


def shape_fault(item: Mapping, model: type[BaseModel], file: str, key: str) -> Fault:
    """Tell one of pydantic's errors, at a key of a file, as a fault."""
    found, kind = repr(item["input"]), item["type"]
    if kind == "extra_forbidden":
        allowed = sorted(_fields_at(model, item["loc"][:-1]))
        hint = did_you_mean(str(item["loc"][-1]), allowed)
        return Fault(file, "an unknown key", f"one of {', '.join(allowed)}", key=key, hint=hint)
    if kind == "missing":
        return Fault(file, "nothing", "this key", key=key)
    if kind == "literal_error":
        expected = str(item["ctx"]["expected"]).replace(" or ", ", ")
        hint = did_you_mean(item["input"], expected.split("'")[1::2])
        return Fault(file, found, f"one of {expected}", key=key, hint=hint)
    if kind == "value_error":
        return Fault(file, "a contradiction", str(item["ctx"]["error"]), key=key)
    return Fault(file, found if len(found) <= 80 else f"{found[:77]}...", str(item["msg"]), key=key)


def _fields_at(model: type[BaseModel], where: Sequence[int | str]) -> list[str]:
    """List the fields of the model that stands at a place in another."""
    for step in where:
        if isinstance(step, str) and step in model.model_fields:
            model = next(_models_in(model.model_fields[step].annotation), model)
    return list(model.model_fields)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _pairs(node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
    return node.value if isinstance(node, yaml.MappingNode) else []
