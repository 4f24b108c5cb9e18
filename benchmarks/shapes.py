"""The projects that the benchmarks measure, written anew for each run.

`matrix` writes the same published images twice, for bakegen and for the peer: as many images, tags and platforms.
The peer has no layers, so bakegen plans its internal layers on top of that; nor has it rules, so bakegen is given
one R version more and a rule that takes as many combinations away again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

OSES = (
    ("ubuntu-24.04", "ubuntu:24.04", "Ubuntu 24.04"),
    ("ubuntu-22.04", "ubuntu:22.04", "Ubuntu 22.04"),
    ("debian-12", "debian:bookworm", "Debian 12"),
)
VARIANTS = (("std", "Standard"), ("slim", "Slim"))

PROJECT = """\
platforms = ["linux/amd64", "linux/arm64"]

[[registries]]
prefix = "registry.example.org/"

[labels]
"org.opencontainers.image.vendor"        = "Example"
"org.opencontainers.image.source"        = "https://example.org/images"
"org.opencontainers.image.documentation" = "https://example.org/docs"
"org.example.maintainer"                 = "Images <images@example.org>"
"""


def matrix(ours: Path, theirs: Path, r_count: int, python_count: int) -> int:
    """Two projects of the same published images: 3 OS, 2 variants, versions of R and of Python. Returns their number.

    Raises ValueError when the rule cannot take exactly one R version's combinations away.
    """
    held_back = 4 if python_count > 6 else 3
    if python_count % held_back:
        raise ValueError(f"{python_count} Python versions cannot be divided by {held_back}")
    pythons = [f"3.{8 + number}.{number % 7}" for number in range(python_count)]
    rs = [f"4.{number}.{number % 4}" for number in range(r_count + 1)]
    first_new = pythons[-(python_count // held_back)]
    _matrix_stack(ours, rs, pythons, needs=f'python = ">={first_new}"', must=f'r = ">={rs[held_back]}"')
    _matrix_peer(theirs, rs[:r_count], pythons)
    return len(OSES) * len(VARIANTS) * r_count * python_count


def _matrix_stack(root: Path, rs: Sequence[str], pythons: Sequence[str], needs: str, must: str) -> None:
    oses = "\n".join(f'  {{ name = "{name}", image = "{image}", title = "{title}" }},' for name, image, title in OSES)
    variants = "\n".join(f'  {{ name = "{name}", title = "{title}" }},' for name, title in VARIANTS)
    first_os, first_variant = OSES[0][0], VARIANTS[0][0]
    stack = f"""\
title        = "Workbench"
description  = "R and Python for work"
image-prefix = "ml/"

[axes.os]
role   = "os"
values = [
{oses}
]

[axes.python]
role   = "language"
values = [{_quoted(pythons)}]

[axes.r]
role   = "framework"
values = [{_quoted(rs)}]

[axes.variant]
values = [
{variants}
]

[[rules]]
when    = {{ {needs} }}
require = {{ {must} }}
reason  = "the bridge between both needs the new embedding interface of R"

[[layers]]
name   = "os"
parent = "{{os.image}}"
axes   = ["os"]

[[layers]]
name   = "python"
parent = "os"
axes   = ["python"]
args   = {{ PYTHON_VERSION = "{{python}}" }}

[[layers]]
name   = "workbench"
parent = "python"
axes   = ["r", "variant"]
image  = "workbench"
args   = {{ R_VERSION = "{{r}}", PYTHON_VERSION = "{{python}}", VARIANT = "{{variant}}" }}
tags   = [
  "R{{r}}-python{{python}}-{{os}}-{{variant}}",
  {{ pattern = "R{{r|minor}}-python{{python|minor}}-{{os}}-{{variant}}", newest = "r" }},
  {{ pattern = "R{{r}}-python{{python}}-{{variant}}", only = {{ os = "{first_os}" }} }},
  {{ pattern = "R{{r}}-python{{python}}-{{os}}", only = {{ variant = "{first_variant}" }} }},
  {{ pattern = "R{{r}}-python{{python}}", only = {{ os = "{first_os}", variant = "{first_variant}" }} }},
]

[layers.labels]
"org.opencontainers.image.version" = "R{{r}}-python{{python}}"
"org.example.name"          = "Workbench"
"org.example.version"       = "R{{r}}-python{{python}}"
"org.example.description"   = "R and Python for work"
"org.example.documentation" = "https://example.org/docs"
"org.example.variant"       = "{{variant.title}}"
"org.example.os"            = "{{os.title}}"
"org.example.tools.r"       = "{{r}}"
"org.example.tools.python"  = "{{python}}"
"""
    args = {"os": (), "python": ("PYTHON_VERSION",), "workbench": ("R_VERSION", "PYTHON_VERSION", "VARIANT")}
    _project(root, stack, args)


def _matrix_peer(root: Path, rs: Sequence[str], pythons: Sequence[str]) -> None:
    lines = []
    for number, (name, _, title) in enumerate(OSES):
        extension = name.replace("-", "").replace(".", "")
        lines += [
            f'        - name: "{title}"',
            f'          extension: "{extension}"',
            f'          tagDisplayName: "{name}"',
            f"          primary: {'false' if number else 'true'}",
            '          platforms: ["linux/amd64", "linux/arm64"]',
        ]
        for variant, _ in VARIANTS:
            recipe = f"FROM {OSES[number][1]}\nARG R_VERSION\nARG PYTHON_VERSION\nRUN echo ${{R_VERSION}}\n"
            _write(root / "workbench/matrix" / f"Containerfile.{extension}.{variant}", recipe)
    config = f"""\
repository:
  url: "https://example.org/images"
  vendor: "Example"
  maintainer: "Images <images@example.org>"
registries:
  - host: "registry.example.org"
    namespace: "ml"
images:
  - name: "workbench"
    displayName: "Workbench"
    description: "R and Python for work"
    documentationUrl: "https://example.org/docs"
    tagPatterns:
      - patterns: ["{{{{ Version }}}}-{{{{ OS }}}}-{{{{ Variant }}}}"]
        only: ["all"]
      - patterns: ["{{{{ Version | stripPatch }}}}-{{{{ OS }}}}-{{{{ Variant }}}}"]
        only: ["latestPatch"]
      - patterns: ["{{{{ Version }}}}-{{{{ Variant }}}}"]
        only: ["primaryOS"]
      - patterns: ["{{{{ Version }}}}-{{{{ OS }}}}"]
        only: ["primaryVariant"]
      - patterns: ["{{{{ Version }}}}"]
        only: ["primaryOS", "primaryVariant"]
    variants:
      - {{ name: "{VARIANTS[0][1]}", extension: "{VARIANTS[0][0]}", tagDisplayName: "{VARIANTS[0][0]}", primary: true }}
      - {{ name: "{VARIANTS[1][1]}", extension: "{VARIANTS[1][0]}", tagDisplayName: "{VARIANTS[1][0]}" }}
    matrix:
      namePattern: "R{{{{ Dependencies.R }}}}-python{{{{ Dependencies.python }}}}"
      os:
{chr(10).join(lines)}
      dependencies:
        - dependency: "R"
          versions: [{_quoted(rs)}]
        - dependency: "python"
          versions: [{_quoted(pythons)}]
"""
    _write(root / "bakery.yaml", config)


def family(root: Path, oses: int, pythons: int, sdks: int, frameworks: int) -> int:
    """A project of four layers, each SDK with a window of ``frameworks`` framework releases. Returns its targets."""
    rules = "\n".join(
        f"""\
[[rules]]
when    = {{ sdk = "{number + 1}.0.0" }}
require = {{ framework = ">=2.{number},<2.{number + frameworks}" }}
reason  = "the framework's compatibility table"
source  = "COMPATIBILITY.md"
"""
        for number in range(sdks)
    )
    stack = f"""\
title        = "Accelerated frameworks"
description  = "Frameworks on the vendor's SDK"
image-prefix = "ai/"

[axes.os]
role   = "os"
values = [{", ".join(f'{{ name = "os{number}", image = "debian:{number}" }}' for number in range(oses))}]

[axes.python]
role   = "language"
values = [{_quoted(f"3.{number}" for number in range(8, 8 + pythons))}]

[axes.sdk]
role   = "sdk"
values = [{_quoted(f"{number + 1}.0.0" for number in range(sdks))}]

[axes.framework]
role   = "framework"
values = [{_quoted(f"2.{number}.0" for number in range(sdks + frameworks - 1))}]

{rules}
[[layers]]
name   = "base"
parent = "{{os.image}}"
axes   = ["os"]

[[layers]]
name   = "python"
parent = "base"
axes   = ["python"]
args   = {{ PYTHON_VERSION = "{{python}}" }}

[[layers]]
name   = "sdk"
parent = "python"
axes   = ["sdk"]
image  = "sdk"
args   = {{ SDK_VERSION = "{{sdk}}" }}
labels = {{ "org.example.sdk" = "{{sdk}}" }}
tags   = [
  "{{sdk}}-py{{python|nodot}}-{{os}}",
  {{ pattern = "{{sdk|major}}-py{{python|nodot}}-{{os}}", newest = "sdk" }},
]

[[layers]]
name   = "framework"
parent = "sdk"
axes   = ["framework"]
image  = "framework"
args   = {{ FRAMEWORK_VERSION = "{{framework}}", SDK_VERSION = "{{sdk}}" }}
labels = {{ "org.example.framework" = "{{framework}}" }}
tags   = [
  "{{framework}}-sdk{{sdk}}-py{{python|nodot}}-{{os}}",
  {{ pattern = "{{framework|minor}}-sdk{{sdk|major}}-py{{python|nodot}}-{{os}}", newest = "framework" }},
  {{ pattern = "{{framework}}-sdk{{sdk}}-py{{python|nodot}}", only = {{ os = "os0" }} }},
]
"""
    args = {
        "base": (),
        "python": ("PYTHON_VERSION",),
        "sdk": ("SDK_VERSION",),
        "framework": ("FRAMEWORK_VERSION", "SDK_VERSION"),
    }
    _project(root, stack, args)
    return oses * (1 + pythons * (1 + sdks * (1 + frameworks)))


def sparse(root: Path) -> int:
    """A project whose leaf has nine axes of ten values, 10^9 in all; `only` and rules leave 1,000. Returns its targets.

    Every OS has its kernel and its C library, every chip its driver and its SDK, every Python its framework and its
    extension: the second is tied by ``only``, the third by a rule.
    """
    chains = (("os", "kernel", "libc"), ("chip", "driver", "sdk"), ("python", "framework", "extension"))
    axes, rules = "", ""
    for first, second, third in chains:
        axes += f"[axes.{first}]\nvalues = [{_quoted(f'1.{number}' for number in range(10))}]\n\n"
        tied = "".join(f'  {{ name = "2.{n}", only = {{ {first} = "1.{n}" }} }},\n' for n in range(10))
        axes += f"[axes.{second}]\nvalues = [\n{tied}]\n\n"
        axes += f"[axes.{third}]\nvalues = [{_quoted(f'3.{number}' for number in range(10))}]\n\n"
        rules += "".join(
            f'[[rules]]\nwhen    = {{ {second} = ">=2.{n},<2.{n + 1}" }}\nrequire = {{ {third} = "3.{n}" }}\n'
            f'reason  = "built against each other"\n\n'
            for n in range(10)
        )
    names = [name for chain in chains for name in chain]
    stack = f"""\
title       = "Sparse"
description = "Many axes of which few combinations exist"

{axes}{rules}\
[[layers]]
name   = "system"
parent = "debian:{{os}}"
axes   = ["os", "kernel", "libc"]

[[layers]]
name   = "framework"
parent = "system"
axes   = [{_quoted(names[3:])}]
image  = "framework"
args   = {{ DRIVER = "{{driver}}", SDK = "{{sdk}}", FRAMEWORK = "{{framework}}" }}
labels = {{ "org.example.sdk" = "{{sdk}}" }}
tags   = ["{"-".join(f"{{{name}}}" for name in names)}"]
"""
    _project(root, stack, {"system": (), "framework": ("DRIVER", "SDK", "FRAMEWORK")})
    return 10 + 1000


def _project(root: Path, stack: str, layers: dict[str, tuple[str, ...]]) -> None:
    _write(root / "bakegen.toml", PROJECT)
    _write(root / "stacks/family/stack.toml", stack)
    for layer, args in layers.items():
        declared = "".join(f"ARG {name}\n" for name in args)
        _write(root / "stacks/family" / layer / "Dockerfile", f"FROM base\n{declared}RUN echo {layer}\n")


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
