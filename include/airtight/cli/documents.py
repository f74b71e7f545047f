"""The command that writes the pages about the catalog, or says which of them are stale."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from airtight.cli.output import leave, say, write
from airtight.errors import ConfigurationError

if TYPE_CHECKING:
    from airtight.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(docs)


def docs(
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FOLDER", help="By default docs/ beside the catalog.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; 1 where a page is missing or stale.")] = False,
    with_texts: Annotated[
        bool, typer.Option("--texts", help="Quote the organisation's licensed texts; only outside this repository.")
    ] = False,
) -> None:
    """Write controls.md and requirements.md from the catalog."""
    from airtight.cli.opening import catalog_only
    from airtight.definitions.texts import load_texts
    from airtight.review.documents import control_list, requirement_list
    from airtight.settings import load_settings

    settings = load_settings()
    folder = into or _own_folder(settings)
    catalog = catalog_only()
    if with_texts and folder.resolve().is_relative_to(settings.home):
        raise ConfigurationError(
            "licensed texts never go into the repository.", remedy="Name a folder outside: --into."
        )
    texts = load_texts(settings.overlay, catalog.frameworks) if with_texts else {}
    pages = {
        folder / "controls.md": control_list(catalog.controls, catalog.frameworks),
        folder / "requirements.md": requirement_list(catalog.controls, catalog.frameworks, texts),
    }
    stale = [file for file, text in pages.items() if not file.is_file() or file.read_bytes() != text.encode()]
    if check:
        for file in stale:
            say(f"{file} is stale: run 'airtight docs'.")
        leave(1 if stale else 0)
    _make(folder)
    for file in stale:
        write(file, pages[file].encode())
    say(f"{len(stale)} of {len(pages)} pages written in {folder}")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"cannot be made: {error.strerror}.", where=str(folder)) from None


def _own_folder(settings: Settings) -> Path:
    """``docs/``, where the organisation is the one that lies in the same place: no other's controls go there."""
    if not settings.overlay.is_relative_to(settings.home):
        raise ConfigurationError(
            "the organisation lies elsewhere, and so do its pages.", remedy="Name a folder: airtight docs --into FOLDER"
        )
    return settings.home / "docs"
