"""What all contracts share: exchanges, the pact files that hold them, and who keeps them.

    CONTRACT = Contract("hub-acme", "acme")

    async def test_get_user(exchange: Exchange) -> None:
        exchange.given("an athlete is connected")
        exchange.sends("GET", "/user", headers=BEARER).gets(200, {"id": match.int(7)})
        with exchange.serve() as origin:
            ...  # the real client calls `origin`; here stands what it makes of the answer

An exchange is one request of one client, and is named after its test. The file in `pacts/` is what the
exchanges are held against; the README says when and how it is written.
"""

from __future__ import annotations

import inspect
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Self

from pact import Pact, generate
from pact.match.matcher import AbstractMatcher, GenericMatcher

PACTS = Path(__file__).with_name("pacts")
WRITE = "WRITE_PACTS"
_FORM = "application/x-www-form-urlencoded"

Matched = str | AbstractMatcher[Any]


def injected(example: Any, expression: str) -> AbstractMatcher[Any]:
    """`example` in the exchange; in front of the provider what its state says (`Bearer ${token}`)."""
    return GenericMatcher("equality", example, generate.provider_state(expression))


def at(path: str, **examples: object) -> AbstractMatcher[Any]:
    """A path with ids that the provider's state says: `at("/workouts/{workout_id}", workout_id=7)`."""
    return injected(path.format(**examples), re.sub(r"{(\w+)}", r"${\1}", path))


class Exchange:
    """One request and its answer, with the state that the provider must be in."""

    def __init__(self, contract: Contract, name: str, folder: Path) -> None:
        self._contract = contract
        self._folder = folder
        self._pact = Pact(contract.consumer, contract.provider)
        self._interaction = self._pact.upon_receiving(name)

    def given(self, state: str) -> Self:
        """What the provider holds. The states are defined beside the tests, in `<provider>_states.py`."""
        self._interaction.given(state)
        return self

    def sends(
        self,
        method: str,
        path: Matched,
        *,
        headers: Mapping[str, Matched] | None = None,
        query: Mapping[str, Matched] | None = None,
        json: Any = None,
        form: Mapping[str, Matched] | None = None,
    ) -> Self:
        """The request: exactly this, apart from headers, of which there may be more."""
        self._interaction.with_request(method, path).with_query_parameters(query or {})
        for name, value in (headers or {}).items():
            self._interaction.with_header(name, value)
        if json is not None:
            self._interaction.with_body(json, "application/json")
        if form is not None:
            self._interaction.with_body(dict(form), _FORM)
        return self

    def gets(
        self,
        status: int,
        json: Any = None,
        *,
        headers: Mapping[str, Matched] | None = None,
        content_type: str = "application/json",
    ) -> Self:
        """The answer, as far as the client reads it: there may be more fields and headers."""
        self._interaction.will_respond_with(status)
        for name, value in (headers or {}).items():
            self._interaction.with_header(name, value)
        if json is not None:
            self._interaction.with_body(json, content_type)
        return self

    @contextmanager
    def serve(self) -> Iterator[str]:
        """The origin of a provider that knows this exchange alone, and has been asked for it in the end.

        An exchange that went well is held against the pact file.
        """
        with self._pact.serve("127.0.0.1") as server:
            yield str(server.url)
        self._pact.write_file(self._folder)
        self._contract.hold(self._contract.read_written(self._folder))


@dataclass(frozen=True)
class Contract:
    """What one consumer expects of one provider."""

    consumer: str
    provider: str

    @property
    def path(self) -> Path:
        """Where the pact is, under the name that pact gives it."""
        return PACTS / f"{self.consumer}-{self.provider}.json"

    def hold(self, interaction: dict[str, Any]) -> None:
        """Raise unless the pact has exactly this interaction; write it there when that is asked for."""
        kept = {one["description"]: one for one in self.interactions()}
        name = interaction["description"]
        if os.environ.get(WRITE):
            self._write({**kept, name: interaction})
        elif kept.get(name) != interaction:
            raise AssertionError(
                f"the client's exchange '{name}' is not the one in {self.path.name}. If the change is meant, "
                f"write the pact with {WRITE}=1 (README.md).\n"
                f"the pact has: {_text(kept.get(name))}\nthe client's: {_text(interaction)}"
            )

    def check(
        self,
        tests: ModuleType,
        client: type,
        states: Mapping[str, object],
        *,
        also: ModuleType | None = None,
    ) -> None:
        """Raise unless the pact has these tests' exchanges, with those of another module, and no others, and
        is tidy.

        Each public method of the client has an exchange that begins with its name, and each state its use.
        """
        exchanges = {name for one in (tests, also) if one for name in described(one, "exchange")}
        methods = [name for name, _ in inspect.getmembers(client, inspect.isfunction) if name[0] != "_"]
        untold = [name for name in methods if not _begins(exchanges, to_description(name))]
        assert not untold, f"no exchange for {client.__name__}: {', '.join(untold)}"
        kept = self.tidy(exchanges)
        used = {state["name"] for one in kept.values() for state in one["providerStates"]}
        assert used == set(states), f"{self.path.name} uses other states than there are"

    def tidy(self, names: set[str]) -> dict[str, dict[str, Any]]:
        """The interactions by name. Raise unless they are these, and nobody has changed the file by hand."""
        kept = {one["description"]: one for one in self.interactions()}
        if os.environ.get(WRITE):
            kept = {name: one for name, one in kept.items() if name in names}
            self._write(kept)
        assert set(kept) == names, f"{self.path.name} has other interactions than the tests"
        assert self.path.read_text("utf-8") == self._document(kept), f"{self.path.name} was changed by hand"
        return kept

    def read_written(self, folder: Path) -> dict[str, Any]:
        """The one interaction that pact has written into a folder."""
        [interaction] = _read(folder / self.path.name)["interactions"]
        written: dict[str, Any] = interaction
        return written

    def interactions(self) -> list[dict[str, Any]]:
        """What the pact file has."""
        found: list[dict[str, Any]] = _read(self.path)["interactions"] if self.path.exists() else []
        return found

    def _write(self, kept: Mapping[str, dict[str, Any]]) -> None:
        if os.environ.get("PYTEST_XDIST_WORKER"):
            raise AssertionError(f"one process must write the pacts: {WRITE}=1 needs -n 0")
        PACTS.mkdir(exist_ok=True)
        self.path.write_text(self._document(kept), "utf-8")

    def _document(self, kept: Mapping[str, dict[str, Any]]) -> str:
        """The same bytes for the same exchanges: sorted, and without the versions of pact's libraries."""
        document = {
            "consumer": {"name": self.consumer},
            "provider": {"name": self.provider},
            "interactions": [kept[name] for name in sorted(kept)],
            "metadata": {"pactSpecification": {"version": "4.0"}},
        }
        return _text(document) + "\n"


def to_description(test_name: str) -> str:
    """`test_create_workout` is the exchange `create workout`."""
    return test_name.removeprefix("test_").replace("_", " ")


def described(tests: ModuleType, fixture: str) -> Iterator[str]:
    """What the tests of a module are about that take a fixture."""
    for name, function in inspect.getmembers(tests, inspect.isfunction):
        if name.startswith("test_") and fixture in inspect.signature(function).parameters:
            yield to_description(name)


def _begins(exchanges: Iterable[str], words: str) -> bool:
    return any(exchange == words or exchange.startswith(f"{words} ") for exchange in exchanges)


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def _text(value: object) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
