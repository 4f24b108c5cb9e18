"""A build context and ignore files for it: what each keeps of it. A real BuildKit is asked the same in tests/engine."""

from __future__ import annotations

from pathlib import Path

FILES = (
    "a",
    "a+b",
    "b/a",
    "b/c/a.md",
    "b/c/d",
    "docs/README.md",
    "docs/x.md",
    "foo.txt",
    "sp ace",
    "xfoo",
    "ü/é.md",
    "[x]",
)
PROGRAMS = ("run.sh",)
LINKS = {"link": "b/c", "b/dangling": "../nowhere"}
EMPTY = ("empty", "b/hollow")
EVERYTHING = (*FILES, *PROGRAMS, *LINKS, *EMPTY)

IGNORES = (
    "",
    "# a\n\n  \n",
    "a",
    "/a",
    "./b//c/",
    "b/",
    "*",
    "**",
    "**/",
    "*/*",
    "*/a",
    "**/a",
    "**a",
    "b/**",
    "b**",
    "**/*.md",
    "*.md",
    "b/**/a.md",
    "**/c/**",
    "?",
    "??",
    "*foo*",
    "foo**",
    "*oo.*",
    "[ab]",
    "[^a-w]*",
    "[a-c]/a",
    "a+b",
    "a\\+b",
    "sp ace",
    "  a  ",
    "\ufeffa",
    "a\r\nb\r\n",
    " # a",
    "\\[x]",
    "[x]",
    "**/é.*",
    "?/é.md",
    "link",
    "link/d",
    "b/c\nlink",
    "docs\n!docs/README.md",
    "docs/*\n!docs/README.md",
    "*\n!docs",
    "*\n!**/*.md",
    "**\n!b/c",
    "b\n!b/c\nb/c/d",
    "*.md\n!README.md",
    "!a\n*",
    "* \n! a ",
    "b\n!b/hollow",
    "b/c\n!b/c/../a",
    "b\n!b/dangling",
    "*\n!link",
    "empty\nb/hollow",
    "*\n!/b/a",
    "/!a",
    "b\n!b",
    "**/a*\n!**/a.md",
    "*\n!run.sh\n!.dockerignore",
    "docs\n!**/x.md\n**/docs/x*",
    "..",
    "../b",
    ".",
)

REFUSED = (
    "!",
    " ! ",
    "a[",
    "a[]",
    "b/[a-",
    "[]a]",
    "[-a]",
    "a\\",
    "[a",
    "ok\n[^",
    "/!",
    "!/",
    "[a\\",
    "[a--]",
    "\\é",
    "**/!\\é?",
)


def plant(folder: Path) -> Path:
    """Writes the context."""
    for name in FILES + PROGRAMS:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n", encoding="utf-8")
    for name in PROGRAMS:
        (folder / name).chmod(0o755)
    for name, leads in LINKS.items():
        (folder / name).symlink_to(leads)
    for name in EMPTY:
        (folder / name).mkdir()
    return folder
