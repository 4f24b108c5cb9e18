"""Projects made from a seed, with hostile strings in every place where a project can have a string."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

PIECES = (
    *("${", "${x}", "%{", "%{ if true }", "$${", "%%{", "$$", "$", "%", "$VAR", "}", "{", "{}", "${jsonencode(1)}"),
    *(
        '"',
        "'",
        "`",
        "\\",
        "\\n",
        "\\u0041",
        "\n",
        "\r",
        "\r\n",
        "\t",
        "\x00",
        "\x07",
        "\x08",
        "\x0c",
        "\x1b[31m",
        "\x7f",
    ),
    *("\x85", "\u2028", "\u2029", "\u200b", "\u202e", "\ufeff", "\u00a0", "\ue000", "\uffff", "\U0010ffff"),
    *("é", "e\u0301", "\u212b", "A\u030a", "\u1e9b\u0323", "가", "\u1100\u1161", "Ω", "\u2126", "ﬁ"),
    *(
        "🐳",
        "👩‍🚀",
        "\U0001f1e9\U0001f1ea",
        "#",
        "//",
        "/* x */",
        "<<EOT",
        "EOT",
        "<<-EOT\n",
        "a,b",
        ",",
        ";",
        "=",
        "a=b",
    ),
    *(
        "for",
        "if",
        "in",
        "null",
        "true",
        "false",
        "target",
        "variable",
        "type=x",
        "disabled=true",
        " ",
        "  ",
        "\v",
        "x" * 3000,
    ),
    *("docker-image://x", "target:x", "cwd://", "-", "--", ".", "..", "*", "?", "[a]", "!", "&&", "|", "~", "@", ":"),
)
KEYWORDS = (
    "for",
    "if",
    "in",
    "null",
    "true",
    "false",
    "endif",
    "endfor",
    "default",
    "target",
    "group",
    "variable",
    "A",
    "_",
)
FILE_PIECES = (
    "a,b",
    '"',
    "'",
    "${x}",
    "%{",
    "$$",
    "%%",
    " ",
    "é",
    "🐳",
    "#",
    "=",
    "\\",
    "//",
    "for",
    "-",
    "x=y",
    ";",
    "@",
)
REGISTRIES = ("", "localhost:5000/", "registry.example/a-b/c__d/", "[::1]:5000/x/")


@dataclass
class Hostile:
    """A project's files, and the texts that must come out at the other end."""

    files: dict[str, str] = field(default_factory=dict)
    args: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    title: str = ""


def hostile(seed: int) -> Hostile:
    """The project of a seed. Most are sound; some hold, on purpose, a string where no such string can stand."""
    return _Maker(Random(seed)).make()


def toml(text: str) -> str:
    """``text`` as a basic string of TOML."""
    plain = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
    return '"' + "".join(plain.get(c) or (c if c.isprintable() else f"\\U{ord(c):08x}") for c in text) + '"'


def table(pairs: Mapping[str, str]) -> str:
    """An inline table of strings."""
    return "{ " + ", ".join(f"{toml(key)} = {toml(value)}" for key, value in pairs.items()) + " }"


def composed(pairs: Mapping[str, str]) -> dict[str, str]:
    """The pairs as the plan is to hold them."""
    return {unicodedata.normalize("NFC", k): unicodedata.normalize("NFC", v) for k, v in pairs.items()}


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


class _Maker:
    def __init__(self, random: Random) -> None:
        self.random = random
        # One project in five holds a string where it cannot stand; the others must resolve.
        self.wild = random.random() < 0.2

    def text(self) -> str:
        found = "".join(self.random.choices(PIECES, k=self.random.randint(1, 5)))
        return found[1:] if unicodedata.combining(found[0]) else found

    def maybe_wild(self, sound: str) -> str:
        return self.text() if self.wild and self.random.random() < 0.15 else sound

    def key(self) -> str:
        text = "".join(c for c in self.text() if not c.isspace() and c not in "=\x00" and c.isprintable())
        return self.maybe_wild("org." + text[:200])

    def pairs(self, most: int) -> dict[str, str]:
        return {self.key(): self.text() for _ in range(self.random.randint(0, most))}

    def path(self) -> str:
        name = "".join(self.random.choices(FILE_PIECES, k=self.random.randint(1, 4)))
        return self.maybe_wild("f" + unicodedata.normalize("NFC", name).replace("/", "_") + "f")

    def make(self) -> Hostile:
        made = Hostile()
        random = self.random
        made.title = self.text()
        made.args = {name: self.text() for name in random.sample(KEYWORDS, random.randint(0, 6))}
        made.labels = self.pairs(4)
        made.annotations = {key.replace(":", "_"): value for key, value in self.pairs(4).items()}
        made.files["bakegen.toml"] = self._project()
        folder, extra, secret = self.path(), self.path(), self.path()
        stage = random.choice(["", "for", "null", "last"])
        values = [self.text()[:40] for _ in range(2)]
        made.files["stacks/s/stack.toml"] = self._stack(made, values, folder, extra, toml(secret), stage)
        declared = "".join(f"ARG {name}\n" for name in made.args)
        end = f"FROM scratch AS {stage}\n{declared}" if stage else ""
        made.files[f"stacks/s/{folder}/Dockerfile"] = (
            f"FROM base\n{declared}COPY --from=extra . /x\nCOPY --from=git . /g\nCOPY --from=q:1 . /q\n"
            "RUN --mount=type=secret,id=tok --mount=type=secret,id=file --mount=type=secret,id=ca-bundle true\n" + end
        )
        if stage:
            # What the last stage does not use, nobody uses: it is built on all of it.
            text = made.files[f"stacks/s/{folder}/Dockerfile"]
            made.files[f"stacks/s/{folder}/Dockerfile"] = text.replace("FROM base\n", "FROM base AS first\n").replace(
                "FROM scratch AS", "FROM first AS"
            )
        made.files[f"stacks/s/{extra}/keep"] = ""
        made.files[f"stacks/s/{unicodedata.normalize('NFC', secret)}"] = "not told\n"
        made.files["stacks/s/top/Dockerfile"] = "FROM base\nARG DEEP\n"
        return made

    def _project(self) -> str:
        random = self.random
        cache = random.choice(
            [
                'type = "none"',
                'type = "inline"',
                'type = "gha"\nmode = "max"',
                f'type = "registry"\nmode = "max"\nref = {toml(self.maybe_wild("localhost:5000/cache/x"))}',
                f'type = "local"\nfolder = {toml("c" + self.text().replace("/", "_").replace(chr(0), ""))}',
            ]
        )
        names = ["", 'name = "second"\nfloating = false\n']
        registries = "".join(
            f"[[registries]]\nprefix = {toml(self.maybe_wild(prefix))}\n{name}"
            for prefix, name in zip(random.sample(REGISTRIES, 2), names[: random.randint(0, 2)], strict=False)
        )
        return (
            f"labels = {table({self.key(): _literal(self.text())})}\n"
            f"annotations = {table({self.maybe_wild('org.key'): _literal(self.text())})}\n"
            'platforms = ["linux/amd64", "linux/arm64/v8", "linux/arm"]\n'
            f"{registries}[cache]\n{cache}\n[attest]\n"
            f'provenance = "{random.choice(["none", "min", "max"])}"\nsbom = {random.choice(["true", "false"])}\n'
            '[network]\nproxies = true\nfiles = { ca-bundle = "BAKEGEN_CA_BUNDLE" }\n'
        )

    def _stack(self, made: Hostile, values: list[str], folder: str, extra: str, secret: str, stage: str) -> str:
        one, two = (f"{number}{value}" for number, value in enumerate(values))
        args = {key: _literal(value) for key, value in made.args.items()}
        labels = {key: _literal(value) for key, value in made.labels.items()}
        annotations = {key: _literal(value) for key, value in made.annotations.items()}
        return f"""
title = {toml(self.text())}
description = {toml(self.text())}
image-prefix = "p/"
labels = {table({self.key(): _literal(self.text())})}
axes.v.values = [
  {{ name = {toml(one)}, field = {toml(self.text())}, nr = "1" }},
  {{ name = {toml(two)}, field = {toml(self.text())}, nr = "2" }},
]

[[layers]]
name = "first"
title = {toml(_literal(made.title))}
description = {toml(_literal(self.text()) + "{v}{v.field}")}
parent = {{ image = {toml(self.maybe_wild("debian:{v.nr}"))} }}
axes = ["v"]
context = {toml(_literal(folder))}
{f'target = "{stage}"' if stage else ""}
image = {toml(self.maybe_wild("first"))}
tags = [{toml(self.maybe_wild("t{v.nr}"))}, {{ pattern = "x-{{v.nr}}", only = {{ v = {toml(one)} }} }}]
args = {table(args)}
labels = {table(labels)}
annotations = {table(annotations)}
secrets = [{{ id = "tok", env = "{self.random.choice(["TOK", "for", "_"])}" }}, {{ id = "file", file = {secret} }}]
links.extra = {{ directory = {toml(_literal(extra))} }}
links.git = {{ git = {toml(self.maybe_wild("https://example.org/r.git#m${{x}}%{{y}}:a,b"))} }}
links."q:1" = {{ image = "q:2@sha256:{"a" * 64}" }}

[[layers]]
name = "top"
parent = "first"
args = {{ DEEP = {toml(_literal(self.text()) + "{v.field}")} }}
"""
