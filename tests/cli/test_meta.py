"""`bakegen meta` in this process: a tree that is emitted, compared, linted, and imported again."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bakegen.cli.main import app
from tests.openeuler import ai_tree
from tests.projects import write
from tests.test_meta_emit import PROJECT

ROOT = Path(__file__).parents[2]


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["meta", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = write(tmp_path / "project", PROJECT)
    (root / "stacks/s/cann/install.sh").chmod(0o755)
    (root / "stacks/s/cann/x.run").write_bytes(b"\xff\x00")
    (root / "stacks/s/base/.dockerignore").write_text("**/*.md\n")
    (root / "stacks/s/base/notes.md").write_text("not sent\n")
    monkeypatch.chdir(root)
    return root


@pytest.mark.parametrize("command", ["emit", "lint", "import"])
def test_every_command_has_help_with_examples(command: str) -> None:
    assert f"\n    bakegen meta {command}" in call(command, "--help").stdout
    assert f"\n    bakegen meta {command}" in call("-h").stdout


def test_a_tree_is_emitted_and_nothing_is_wrong_with_it(project: Path) -> None:
    result = call("emit", "-o", "out")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        "AI/pytorch: EulerPublisher also moves latest, to 2.2.0-oe2403sp3\nout: 6 tags of 2 images\n"
    )
    made = tree(project / "out")
    assert made["AI/image-list.yml"] == b"images:\n  cann: cann\n  pytorch: pytorch\n"
    assert made["AI/cann/8.0.0/24.03-lts/x.run"] == b"\xff\x00"
    assert (project / "out/AI/cann/8.0.0/24.03-lts/install.sh").stat().st_mode & 0o777 == 0o755
    assert not [name for name in made if name.endswith(".md") and "README" not in name]
    assert sorted(name for name in made if name.endswith(("meta.yml", "README.md"))) == [
        "AI/cann/README.md",
        "AI/cann/meta.yml",
        "AI/pytorch/README.md",
        "AI/pytorch/meta.yml",
    ]
    linted = call("lint", "out")
    assert (linted.exit_code, linted.stdout, linted.stderr) == (0, "", "2 images: 0 findings\n")
    assert call("emit", "-o", "out", "--check").exit_code == 0
    assert call("emit", "-o", "out").exit_code == 0
    assert tree(project / "out") == made


def test_the_same_bytes_come_from_anywhere(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call("emit", "-o", "out")
    monkeypatch.chdir("/")
    assert call("emit", "-C", str(project), "-o", str(project / "other")).exit_code == 0
    assert tree(project / "other") == tree(project / "out")


def test_readmes_link_to_where_the_tree_is_read(project: Path) -> None:
    call("emit", "-o", "out", "--url", "https://git.example/images/blob/master/")
    readme = (project / "out/AI/cann/README.md").read_text()
    url = "https://git.example/images/blob/master/AI/cann/8.5.0/24.03-lts-sp3/Dockerfile"
    assert f"| [8.5.0-oe2403sp3]({url}) | cann 8.5.0 on openEuler 24.03-LTS-SP3 | arm64 |" in readme.splitlines()


def test_a_stale_tree_gives_the_diffs(project: Path) -> None:
    call("emit", "-o", "out")
    stack = project / "stacks/s/stack.toml"
    stack.write_text(stack.read_text().replace('"2.2.0"', '"2.3.0"'))
    (project / "out/AI/cann/8.0.0/24.03-lts/x.run").write_bytes(b"other")
    result = call("emit", "-o", "out", "--check")
    assert result.exit_code == 4
    assert "files are stale or missing: out/AI/cann/8.0.0/24.03-lts/x.run, " in result.stderr
    assert result.stderr.endswith("; make them anew with bakegen meta emit -o out\n")
    assert "+2.3.0-oe2403sp3:\n" in result.stdout
    again = call("emit", "-o", "out")
    gone = "AI/pytorch/meta.yml: 1 tag that the project does not declare stays: 2.2.0-oe2403sp3\n"
    assert gone in again.stderr
    assert "2.2.0-oe2403sp3:\n" in (project / "out/AI/pytorch/meta.yml").read_text()
    assert "[2.2.0-oe2403sp3](" in (project / "out/AI/pytorch/README.md").read_text()
    assert call("emit", "-o", "out", "--check").exit_code == 0
    assert call("lint", "out").exit_code == 0


def test_the_dockerfile_s_own_ignore_file_comes_first(project: Path) -> None:
    def sent(output: str) -> set[str]:
        call("emit", "-o", output)
        return {path.name for path in (project / output / "AI/cann/8.0.0/24.03-lts").iterdir() if path.is_file()}

    (project / "stacks/s/cann/.dockerignore").write_text("install.sh\n")
    assert sent("first") == {"Dockerfile", "x.run"}
    (project / "stacks/s/cann/Dockerfile.dockerignore").write_text("*.run\n")
    assert sent("second") == {"Dockerfile", "install.sh"}
    (project / "stacks/s/cann/Dockerfile.dockerignore").write_text("a\n[\n")
    result = call("emit", "-o", "third")
    assert (result.exit_code, result.stderr.partition(": ")[0]) == (2, "stacks/s/cann/Dockerfile.dockerignore:2")


def test_the_command_that_mends_is_the_one_that_compared(project: Path) -> None:
    call("emit", "s/cann", "-o", "out", "--scene", "ML")
    (project / "out/ML/cann/meta.yml").unlink()
    result = call("emit", "s/cann", "-o", "out", "--scene", "ML", "--where", "cann=8.5.0", "--check", "-C", ".")
    told = (
        "out/ML/cann/meta.yml; make them anew with bakegen meta emit s/cann -o out --where cann=8.5.0 --scene ML -C ."
    )
    assert (result.exit_code, told in result.stderr) == (4, True), result.stderr


def test_many_stale_files_are_counted(project: Path) -> None:
    result = call("emit", "-o", "out", "--check")
    assert re.search(r"^bakegen: (\d+) files are stale or missing: (?:[^,]+, ){9}[^,]+ and \d+ more; ", result.stderr)
    assert (result.exit_code, (project / "out").exists()) == (4, False)


def test_tags_of_others_and_tags_that_are_not_selected_stay(project: Path) -> None:
    call("emit", "-o", "out")
    file = project / "out/AI/cann/meta.yml"
    before = "# theirs\n" + file.read_text() + "7.0-oe2203lts:   # old\n  path: 7.0/22.03-lts/Dockerfile\n"
    file.write_text(before)
    readme = (project / "out/AI/cann/README.md").read_text()
    result = call("emit", "s/cann", "--where", "cann=8.5.0", "-o", "out")
    assert (result.exit_code, file.read_text()) == (0, before)
    assert (project / "out/AI/cann/README.md").read_text() == readme
    assert "AI/cann/meta.yml: 1 tag that the project does not declare stays: 7.0-oe2203lts\n" in result.stderr
    assert call("emit", "-o", "out", "--check").exit_code == 0


def test_an_entry_that_changed_is_changed_where_it_stands(project: Path) -> None:
    call("emit", "-o", "out")
    file = project / "out/AI/cann/meta.yml"
    right = file.read_text()
    file.write_text(right.replace("  arch: aarch64\n", "  arch: x86_64  # why\n"))
    assert call("emit", "-o", "out", "--check").exit_code == 4
    assert call("emit", "-o", "out").exit_code == 0
    assert file.read_text() == right.replace("  arch: aarch64\n", '  arch: "aarch64"  # why\n')


def test_a_dockerfile_that_another_key_claims_is_refused(project: Path) -> None:
    text = "# theirs\nlatest-oe2403lts:\n  path: 8.0.0/24.03-lts/Dockerfile\n"
    write(project / "out", {"AI/cann/meta.yml": text})
    result = call("emit", "-o", "out")
    told = (
        'out/AI/cann/meta.yml:2: "latest-oe2403lts" has the path of "8.0.0-oe2403lts" already, '
        "8.0.0/24.03-lts/Dockerfile, and the first key wins; remove that entry, or mend its path\n1 problem\n"
    )
    assert (result.exit_code, result.stderr) == (2, told)
    assert (project / "out/AI/cann/meta.yml").read_text() == text


@pytest.mark.parametrize(
    "link", ["AI", "AI/cann", "AI/image-list.yml", "AI/cann/meta.yml", "AI/cann/8.0.0", "AI/cann/README.md"]
)
@pytest.mark.parametrize("inside", [True, False])
def test_nothing_is_written_through_a_link(project: Path, tmp_path: Path, link: str, inside: bool) -> None:
    place = project / "out" / link
    place.parent.mkdir(parents=True)
    real = (project / "out/real") if inside else (tmp_path / "elsewhere")
    real.mkdir()
    if link.endswith((".yml", ".md")):
        real.rmdir()
        real.write_text("")
    place.symlink_to(real)
    for more in ((), ("--check",)):
        result = call("emit", "-o", "out", *more)
        assert (result.exit_code, f'"out/{link}" is a symbolic link' in result.stderr) == (2, True), result.stderr
    assert list(real.iterdir()) == [] if real.is_dir() else real.read_text() == ""


def test_what_is_in_the_way_is_said(project: Path) -> None:
    (project / "file").touch()
    (project / "link").symlink_to("folder")
    (project / "folder").mkdir()
    assert '"file" is a file: -o names a folder' in call("emit", "-o", "file").stderr
    assert call("emit", "-o", "file", "--check").exit_code == 2
    assert call("emit", "-o", "link").exit_code == 0
    (project / "out").mkdir()
    (project / "out/AI").touch()
    result = call("emit", "-o", "out")
    assert (result.exit_code, '"out/AI" is a file, and a folder is to be there' in result.stderr) == (2, True)
    (project / "folder/AI/cann/meta.yml").unlink()
    (project / "folder/AI/cann/meta.yml").mkdir()
    result = call("emit", "-o", "folder")
    assert (result.exit_code, "is no regular file" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("prefix", "example"),
    [
        ("localhost:5000/", "openeuler/"),
        ("127.0.0.1:5000/", "openeuler/"),
        ("10.1.2.3/", "openeuler/"),
        ("builder:5000/", "openeuler/"),
        ("localhost/openeuler/", "openeuler/"),
        ("", "openeuler/"),
    ],
)
def test_names_that_nobody_else_reaches_are_not_published(project: Path, prefix: str, example: str) -> None:
    result = call("emit", "-o", "out", "--prefix", prefix)
    assert (result.exit_code, f"such as --prefix {example}\n" in result.stderr) == (2, True), result.stderr
    assert not (project / "out").exists()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("prefix", ["openeuler/", "docker.io/openeuler/", "registry.example.com:5000/ai/"])
def test_names_that_others_reach_are(prefix: str) -> None:
    assert call("emit", "-o", "out", "--prefix", prefix).exit_code == 0


def test_a_prefix_that_only_replaces_the_registry(project: Path) -> None:
    write(project, {"bakegen.toml": '[[registries]]\nprefix = "localhost:5000/"\n'})
    stack = project / "stacks/s/stack.toml"
    stack.write_text('image-prefix = "openeuler/"\n' + stack.read_text())
    assert "such as --prefix docker.io/\n" in call("emit", "-o", "out").stderr
    assert call("emit", "-o", "out", "--prefix", "").exit_code == 0


def test_what_others_have_written_stays(project: Path) -> None:
    files = {
        "AI/image-list.yml": "# ours\nimages:\n  other: other\n  cann: sdk/cann\n",
        "AI/other/meta.yml": "1-oe2403lts:\n  path: 1/24.03-lts/Dockerfile\n",
        "AI/other/1/24.03-lts/Dockerfile": "FROM scratch\n",
    }
    write(project / "out", files)
    (project / "out/bakegen.toml").unlink()
    assert call("emit", "-o", "out").exit_code == 0
    made = tree(project / "out")
    assert made["AI/image-list.yml"] == b"# ours\nimages:\n  other: other\n  cann: sdk/cann\n  pytorch: pytorch\n"
    assert "AI/sdk/cann/8.0.0/24.03-lts/Dockerfile" in made
    assert call("lint", "out").exit_code == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("images:\n  a: a\nmore: {}\n", "means nothing here"),
        ("images: {a: a}\n", "is no YAML"),
        ("- a\n", "is no mapping"),
        ("images:\n  cann: ../../cann\n", "no folder below the scene"),
        ("images:\n  cann: .\n", "no folder below the scene"),
    ],
)
def test_an_image_list_that_cannot_be_kept(project: Path, text: str, why: str) -> None:
    write(project / "out", {"AI/image-list.yml": text})
    before = tree(project / "out")
    result = call("emit", "-o", "out")
    assert (result.exit_code, why in result.stderr) == (2, True), result.stderr
    assert tree(project / "out") == before


def test_latest_is_told_where_the_plan_says_something_else(project: Path) -> None:
    stack = project / "stacks/s/stack.toml"
    text = (
        stack.read_text()
        .replace('"2.1.0", "2.2.0"', '"2.1.0", "2.2.0.x"')
        .replace('os = "24.03-lts-sp3" } }]', 'os = "24.03-lts" } }]')
    )
    stack.write_text(
        text.replace(
            '{cann}-{os|oe}", {',
            '{cann}-{os|oe}", { pattern = "{cann|minor}", newest = "cann", only = { os = "24.03-lts-sp3" } }, {',
        )
    )
    result = call("emit", "-o", "out")
    some = "2.1.0-cann8.5.0-oe2403sp3, 2.1.0-oe2403sp3, 2.2.0.x-oe2403sp3"
    assert result.stderr.splitlines() == [
        "AI/cann: EulerPublisher moves latest to 8.5.0-oe2403sp3; the plan gives it to s-cann-24_03-lts-8_0_0",
        "AI/cann: not declared, because EulerPublisher moves no tag but latest: 8.0, 8.5",
        f"AI/pytorch: EulerPublisher also moves latest, to {some}, whichever is pushed last",
        "out: 6 tags of 2 images",
    ]
    findings = call("lint", "out")
    assert findings.exit_code == 2
    assert [line.split(": ")[1] for line in findings.stdout.splitlines()] == ["latest-claims"]
    assert call("lint", "out", "--ignore", "latest-claims").exit_code == 0


def test_what_cannot_be_emitted_is_all_said(project: Path) -> None:
    write(project, {"stacks/s/cann/Dockerfile": "FROM base\nARG CANN\nRUN --mount=type=ssh true\n"})
    result = call("emit", "-o", "out")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "3 problems"
    assert result.stderr.startswith(
        "stacks/s/stack.toml:22: s-cann-24_03-lts-8_0_0 cannot stand alone: "
        "stacks/s/cann/Dockerfile mounts an SSH agent, and nobody gives it one\n"
    )
    assert not (project / "out").exists()


def test_a_link_is_not_copied(project: Path) -> None:
    (project / "stacks/s/shared/link").symlink_to("/etc/passwd")
    result = call("emit", "-o", "out")
    assert (result.exit_code, "is no regular file" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("emit", "-o", "out", "--scene", "../x"), '"../x" is no name of a folder for a scene'),
        (("emit", "-o", "out", "--prefix", "A b/"), '"A b/" is no prefix of image names'),
        (("emit", "-o", "out", "--url", "https://x/)/"), "is no place to link to"),
        (("emit", "s/base", "-o", "out"), "nothing of what is selected publishes a tag"),
        (("lint", "nowhere"), 'no file or folder "nowhere"'),
        (("lint", ".", "--ignore", "latest-claim"), 'no rule "latest-claim" (did you mean "latest-claims"?)'),
        (("import", "stacks"), 'no meta.yml in "stacks"'),
    ],
)
def test_wrong_usage(project: Path, arguments: tuple[str, ...], message: str) -> None:
    result = call(*arguments)
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr
    assert not (project / "out").exists()


@pytest.mark.usefixtures("project")
def test_nothing_to_lint() -> None:
    assert call("lint", "stacks").exit_code == 3


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path, text in ai_tree().texts.items():
        (tmp_path / "clone" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "clone" / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "clone"


def test_findings_in_every_format(clone: Path) -> None:
    text = call("lint", "clone/AI/llvm-build-deps")
    assert (text.exit_code, text.stderr) == (2, "1 image: 2 findings\n")
    assert [line.split(": ")[:2] for line in text.stdout.splitlines()] == [
        ["clone/AI/llvm-build-deps/meta.yml:3", "version-mismatch"],
        ["clone/AI/llvm-build-deps/meta.yml:4", "shadowed-key"],
    ]
    rows = json.loads(call("lint", "clone/AI/llvm-build-deps", "--format", "json").stdout)
    assert [(row["file"], row["line"]) for row in rows] == [
        (str(Path("clone/AI/llvm-build-deps/meta.yml")), n) for n in (3, 4)
    ]
    log = json.loads(call("lint", str(clone), "--format", "sarif").stdout)
    (run,) = log["runs"]
    assert {"shadowed-key", "base-os"} <= {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert len(run["results"]) == len(call("lint", "clone").stdout.splitlines())


@pytest.mark.usefixtures("clone")
def test_a_file_alone_and_several_folders() -> None:
    assert call("lint", "clone/AI/llvm-build-deps/meta.yml").stderr == "1 image: 2 findings\n"
    assert call("lint", "clone/AI/caffe", "clone/AI/opea").stderr.startswith("71 images: ")
    assert call("lint", "clone/AI/cuda", "--ignore", "latest-claims").exit_code == 0


def test_an_import_is_a_project_with_the_same_tags(clone: Path) -> None:
    for image in ("vllm-ascend", "kserve/agent", "cuda"):
        assert call("import", f"clone/AI/{image}", "-o", "project").exit_code == 0
    result = CliRunner().invoke(app, ["list", "-C", "project", "--format", "tags"])
    expected = {
        f"openeuler/{name}:{line.removesuffix(':')}"
        for name, folder in (("vllm-ascend", "vllm-ascend"), ("kserve-agent", "kserve/agent"), ("cuda", "cuda"))
        for line in (clone / "AI" / folder / "meta.yml").read_text().splitlines()
        if not line.startswith(" ")
    }
    assert set(result.stdout.splitlines()) == expected
    assert call("import", "clone/AI/cuda").stdout == Path("project/stacks/cuda/stack.toml").read_text()


def test_what_cannot_be_imported_says_why(clone: Path) -> None:
    result = call("import", "clone/AI/executorch", "-o", "project")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, "2 problems")
    assert not Path("project").exists()
    (clone / "AI/caffe/meta.yml").write_bytes(b"\xff")
    assert call("import", "clone/AI/caffe").stderr == "clone/AI/caffe/meta.yml: is not UTF-8 (byte 0)\n1 problem\n"


def test_an_import_overwrites_nothing(clone: Path) -> None:
    assert call("import", "clone/AI/cuda", "-o", "project").exit_code == 0
    assert call("import", "clone/AI/cuda", "-o", "project").exit_code == 0
    stack = Path("project/stacks/cuda/stack.toml")
    stack.write_text("# mine\n" + stack.read_text())
    before = tree(Path("project"))
    result = call("import", "clone/AI/cuda", "-o", "project")
    assert (result.exit_code, result.stderr) == (
        2,
        f'bakegen: "{stack}" would be overwritten: remove what is there, or give another -o\n',
    )
    assert tree(Path("project")) == before
    assert clone.is_dir()


@pytest.mark.usefixtures("clone")
def test_an_import_into_a_project_with_another_registry_says_so() -> None:
    Path("project/stacks").mkdir(parents=True)
    Path("project/bakegen.toml").write_text('[[registries]]\nprefix = "example.com/x/"\n')
    result = call("import", "clone/AI/cuda", "-o", "project")
    told = (
        'project/bakegen.toml: stays as it is: images are named after its registry, "example.com/x/", not "openeuler/"'
    )
    assert (result.exit_code, told in result.stderr.splitlines()) == (0, True), result.stderr


@pytest.mark.usefixtures("project")
def test_what_is_emitted_is_imported_as_it_was() -> None:
    call("emit", "-o", "out")
    for image in ("cann", "pytorch"):
        assert call("import", f"out/AI/{image}", "-o", "again").exit_code == 0
    runner = CliRunner()

    def tags(*where: str) -> list[list[str]]:
        listed = json.loads(runner.invoke(app, ["list", *where, "--format", "json"]).stdout)
        return sorted([*row["platforms"], tag] for row in listed for tag in row["tags"] if not tag.endswith("latest"))

    assert tags("-C", "again") == tags()
    # What is emitted from that has one heading, and says of itself what it said.
    assert call("emit", "-C", "again", "-o", "more").exit_code == 0
    first, second = (Path(one, "AI/cann/8.5.0/24.03-lts-sp3/Dockerfile").read_text() for one in ("out", "more"))
    labels = [line for line in first.splitlines() if line.startswith("LABEL")]
    assert [line for line in second.splitlines() if line.startswith("LABEL")] == labels
    assert len(labels) == 3
    assert second.count("Made by bakegen") == 1


def test_the_stack_for_openeuler_makes_a_tree_without_findings(tmp_path: Path) -> None:
    result = call("emit", "openeuler", "-C", str(ROOT), "-o", str(tmp_path), "--prefix", "")
    assert result.exit_code == 0, result.stderr
    linted = call("lint", str(tmp_path), "--ignore", "latest-claims")
    assert (linted.exit_code, linted.stdout) == (0, "")
    # Tags of oEEP-0014 start with a name, which EulerPublisher cannot compare: it calls every image the latest.
    images = len(list(tmp_path.glob("AI/*/meta.yml")))
    assert result.stderr.count("EulerPublisher also moves latest") == images > 0
