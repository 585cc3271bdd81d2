"""An installed package of an organisation's own, made in a folder that a test chooses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def install(site: Path, package: str, version: str, files: Mapping[str, str]) -> Path:
    """As pip leaves it behind; the folder of its files. Programs are those that begin so."""
    top, info = package.partition(".")[0], site / f"{package.replace('.', '_')}-{version}.dist-info"
    for old in site.glob(f"{package.replace('.', '_')}-*.dist-info"):
        for file in old.iterdir():
            file.unlink()
        old.rmdir()
    folder = site.joinpath(*package.split("."))
    folder.mkdir(parents=True, exist_ok=True)
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package.replace('.', '-')}\nVersion: {version}\n")
    (info / "top_level.txt").write_text(f"{top}\n")
    for name, text in {"__init__.py": "raise SystemExit('imported')\n", **files}.items():
        path = folder / name
        path.write_text(text)
        path.chmod(0o755 if text.startswith("#!") else 0o644)
    listed = [f"{path.relative_to(site)},," for path in sorted(site.joinpath(top).rglob("*")) if path.is_file()]
    (info / "RECORD").write_text("\n".join(listed) + "\n")
    return folder
