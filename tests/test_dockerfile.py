"""What a Dockerfile declares and reaches: every rule as a small text and what is seen in it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakegen.dockerfile import (
    PLATFORM_ARGS,
    PREDEFINED_ARGS,
    Arg,
    DockerfileError,
    Needs,
    Use,
    context_key,
    expand,
    needs,
    parse,
)
from bakegen.names import InvalidName

DIGEST = "sha256:" + "a" * 64


def reach(text: str, target: str | None = None, *contexts: str, platform: str = "linux/amd64", **args: str) -> Needs:
    return needs(parse(text), args, target, contexts, platform=platform)


def names(text: str, target: str | None = None, **args: str) -> list[str]:
    return [use.name for use in reach(text, target, **args).names]


def refused(text: str) -> DockerfileError:
    with pytest.raises(DockerfileError) as caught:
        parse(text)
    return caught.value


def refused_build(text: str, target: str | None = None, *contexts: str, **args: str) -> DockerfileError:
    dockerfile = parse(text)
    with pytest.raises(DockerfileError) as caught:
        needs(dockerfile, args, target, contexts)
    return caught.value


def test_everything_a_stage_declares_is_seen_with_its_line() -> None:
    dockerfile = parse(
        "# syntax=docker/dockerfile:1\n"
        "ARG V=1 W\n"
        "FROM --platform=$BUILDPLATFORM debian:${V} AS Build\n"
        'ARG A B="x y"\n'
        "LABEL one=1 two='2 3'\n"
        "COPY --from=tools /bin /bin\n"
        "RUN --mount=type=secret,id=token --mount=from=cache-image,target=/c make\n"
        "FROM build\n"
    )
    build, last = dockerfile.stages
    assert (dockerfile.escape, dockerfile.syntax) == ("\\", "docker/dockerfile:1")
    assert dockerfile.global_args == (Arg("V", "1", 2), Arg("W", None, 2))
    assert (build.name, build.index, build.line, build.platform) == ("build", 0, 3, "$BUILDPLATFORM")
    assert build.base == Use("debian:${V}", 3, "FROM")
    assert build.args == (Arg("A", None, 4), Arg("B", '"x y"', 4))
    assert build.labels == (("one", "1"), ("two", "2 3"))
    assert build.uses == (Use("tools", 6, "COPY --from"), Use("cache-image", 7, "RUN --mount from"))
    assert build.secrets == ("token",)
    assert (last.name, last.index, last.line, last.platform) == (None, 1, 8, None)
    assert dockerfile.declared_args() == {"V", "W", "A", "B"}


# What is behind the tricky part is `ARG SEEN`: it is an instruction of its own only where the part was read rightly.
SEEN = {
    "comment in a continuation": "RUN a \\\n# comment \\\n   # another\n  FROM b\nARG SEEN\n",
    "empty lines in a continuation": "RUN a \\\n\n   \t\n  FROM b\nARG SEEN\n",
    "blanks behind the continuation": "RUN a \\ \t\n  FROM b\nARG SEEN\n",
    "two backslashes are no continuation": "RUN a \\\\\nARG SEEN\n",
    "three backslashes are no continuation": "RUN a \\\\\\\nARG SEEN\n",
    "a comment is not continued": "# comment \\\nARG SEEN\n",
    "a continuation at the end": "ARG SEEN \\\n",
    "an instruction in two lines": "ARG \\\n SEEN\n",
    "leading blanks": "   \tARG SEEN\n",
    "lower case": "arg SEEN\n",
    "mixed case": "aRg SEEN\n",
    "carriage returns": "RUN a \\\r\n  FROM b\r\nARG SEEN\r\n",
    "carriage returns in a here-document": "RUN <<EOF\r\nFROM x\r\nEOF\r\nARG SEEN\r\n",
    "here-document": "RUN <<EOF\nFROM x\nARG INSIDE\nEOF\nARG SEEN\n",
    "here-document with blanks": "RUN << EOF && cat\nARG INSIDE\nEOF\nARG SEEN\n",
    "here-document behind a word": "RUN cat 3<<EOF | sh\nARG INSIDE\nEOF\nARG SEEN\n",
    "here-document with tabs": "RUN <<-EOF\n\tARG INSIDE\n\t\tEOF\nARG SEEN\n",
    "tabs count without the dash": "RUN <<EOF\n\tEOF\nARG INSIDE\nEOF\nARG SEEN\n",
    "blanks before the end count": "RUN <<-EOF\n  EOF\nARG INSIDE\nEOF\nARG SEEN\n",
    "here-document in double quotes": 'RUN <<"EOF" cat\nARG INSIDE\nEOF\nARG SEEN\n',
    "here-document in single quotes": "RUN <<'E OF'\nARG INSIDE\nE OF\nARG SEEN\n",
    "here-document half in quotes": "RUN <<E'O'F\nARG INSIDE\nEOF\nARG SEEN\n",
    "here-document named by a variable": "RUN <<$EOF\nARG INSIDE\n$EOF\nARG SEEN\n",
    "two here-documents": "RUN cat <<A 3<<B\nB\nA\nARG INSIDE\nA\nB\nARG SEEN\n",
    "two files": "COPY <<a.txt <<b.txt /dest/\nARG INSIDE\na.txt\nARG INSIDE\nb.txt\nARG SEEN\n",
    "ADD takes here-documents": "ADD <<EOF /dest\nARG INSIDE\nEOF\nARG SEEN\n",
    "ONBUILD takes here-documents": "ONBUILD RUN <<EOF\nARG INSIDE\nEOF\nARG SEEN\n",
    "ENV takes no here-document": "ENV A=<<EOF\nARG SEEN\n",
    "CMD takes no here-document": "CMD cat <<EOF\nARG SEEN\n",
    "LABEL takes no here-document": "LABEL a=<<EOF\nARG SEEN\n",
    "<< in double quotes": 'RUN echo "<<EOF"\nARG SEEN\n',
    "<< in single quotes": "RUN echo '<<EOF'\nARG SEEN\n",
    "<< escaped": "RUN echo \\<<EOF\nARG SEEN\n",
    "<<<": "RUN cat <<<EOF\nARG SEEN\n",
    "<< within a word": "RUN echo a<<EOF\nARG SEEN\n",
    "a shift": "RUN echo $((1<<2))\nARG SEEN\n",
    "<< in JSON": 'RUN ["cat", "<<EOF"]\nARG SEEN\n',
    "<< in what is no JSON": "RUN [ -f x ] && <<EOF\nARG INSIDE\nEOF\nARG SEEN\n",
    "<< beside an open quote": "RUN echo it's <<EOF\nARG SEEN\n",
    "<< beside an unfinished substitution": "RUN echo ${x//} <<EOF\nARG SEEN\n",
    "flags before a here-document": "RUN --network=none <<EOF\nARG INSIDE\nEOF\nARG SEEN\n",
}


@pytest.mark.parametrize("text", SEEN.values(), ids=SEEN.keys())
def test_where_an_instruction_ends(text: str) -> None:
    dockerfile = parse("FROM scratch\n" + text)
    assert (dockerfile.declared_args(), len(dockerfile.stages)) == (frozenset({"SEEN"}), 1)


DIRECTIVES = {
    "escape": ("# escape=`\nFROM scratch\nRUN a `\n  FROM b\n", "`", None),
    "no blanks, upper case": ("#ESCAPE=`\nFROM scratch\nRUN a `\n FROM b\n", "`", None),
    "many blanks": ("  #  escape  =  `  \nFROM scratch\nRUN a `\n FROM b\n", "`", None),
    "second directive": ("# check=skip=all\n# escape=`\nFROM scratch\n", "`", None),
    "byte order mark and carriage returns": ("\ufeff# escape=`\r\nFROM scratch\r\nRUN a `\r\n FROM b\r\n", "`", None),
    "behind an empty line": ("\n# escape=`\nFROM scratch\nRUN a \\\n FROM b\n", "\\", None),
    "behind a comment": ("# hello\n# escape=`\nFROM scratch\nRUN a \\\n FROM b\n", "\\", None),
    "behind an unknown key": ("# key=x\n# escape=`\nFROM scratch\n", "\\", None),
    "syntax": ("# Syntax = docker/dockerfile:1.7-labs \nFROM scratch\n", "\\", "docker/dockerfile:1.7-labs"),
    "syntax behind a shebang": ("#!/usr/bin/x\n# syntax=a/b\nFROM scratch\n", "\\", "a/b"),
    "escape behind a shebang is none": ("#!/usr/bin/x\n# escape=`\nFROM scratch\n", "\\", None),
    "syntax behind an instruction is none": ("FROM scratch\n# syntax=a/b\n", "\\", None),
}


@pytest.mark.parametrize(("text", "escape", "syntax"), DIRECTIVES.values(), ids=DIRECTIVES.keys())
def test_parser_directives(text: str, escape: str, syntax: str | None) -> None:
    dockerfile = parse(text)
    assert (dockerfile.escape, dockerfile.syntax, len(dockerfile.stages)) == (escape, syntax, 1)


REFUSED = {
    "nothing": ("", 0),
    "only comments": ("# a\n\n# b\n", 0),
    "no FROM": ("ARG A\n", 0),
    "unknown instruction": ("FROM scratch\n\nFORM x\n", 3),
    "unknown instruction before the text's end": ("FROM scratch\nRUN a \\\n b\nEOF\n", 4),
    "FROM alone": ("ARG A\nFROM\n", 2),
    "FROM with AS alone": ("FROM scratch AS\n", 1),
    "FROM with three words": ("FROM a b c\n", 1),
    "FROM with four words": ("FROM a AS b c\n", 1),
    "a stage's name begins with a digit": ("FROM a AS 1b\n", 1),
    "a stage's name with a variable": ("FROM a AS $b\n", 1),
    "a stage's name that no context could have": ("FROM a AS b-\n", 1),
    "RUN before FROM": ("ARG A\nRUN x\nFROM a\n", 2),
    "LABEL before FROM": ("LABEL a=b\nFROM a\n", 1),
    "unknown flag": ("FROM --foo=x a\n", 1),
    "unknown flag of a plain instruction": ("FROM a\nCMD --x y\n", 2),
    "ADD has no from": ("FROM a\nADD --from=b c d\n", 2),
    "a flag twice": ("FROM a\nCOPY --from=b --from=c d e\n", 2),
    "a flag without its value": ("FROM a\nCOPY --from b c\n", 2),
    "a flag that is true or false": ("FROM a\nCOPY --link=no b c\n", 2),
    "ARG alone": ("ARG\nFROM a\n", 1),
    "ARG without a name": ("ARG =x\nFROM a\n", 1),
    "ENV with one word": ("FROM a\nENV b\n", 2),
    "ENV alone": ("FROM a\nENV\n", 2),
    "ENV with a blank name": ("FROM a\nENV =b\n", 2),
    "ENV with blanks around =": ("FROM a\nENV a=b c\n", 2),
    "LABEL alone": ("FROM a\nLABEL\n", 2),
    "COPY with one word": ("FROM a\nCOPY b\n", 2),
    "COPY into a here-document": ("FROM a\nCOPY b <<EOF\nEOF\n", 2),
    "JSON of numbers": ("FROM a\nRUN [1]\n", 2),
    "JSON of numbers in ADD": ("FROM a\nADD [1, 2]\n", 2),
    "JSON of lists": ("FROM a\nRUN " + "[" * 5_000 + "]" * 5_000 + "\n", 2),
    "JSON of numbers behind ONBUILD": ("FROM a\nONBUILD RUN [1]\n", 2),
    "SHELL not in JSON": ("FROM a\nSHELL bash\n", 2),
    "SHELL empty": ("FROM a\nSHELL []\n", 2),
    "VOLUME blank": ('FROM a\nVOLUME [""]\n', 2),
    "HEALTHCHECK of an unknown kind": ("FROM a\nHEALTHCHECK x\n", 2),
    "HEALTHCHECK NONE with more": ("FROM a\nHEALTHCHECK NONE x\n", 2),
    "HEALTHCHECK CMD without a command": ("FROM a\nHEALTHCHECK CMD\n", 2),
    "USER alone": ("FROM a\nUSER\n", 2),
    "ONBUILD alone": ("FROM a\nONBUILD\n", 2),
    "ONBUILD ONBUILD": ("FROM a\nONBUILD ONBUILD RUN x\n", 2),
    "ONBUILD FROM": ("FROM a\nONBUILD from x\n", 2),
    "ONBUILD ENV with one word": ("FROM a\nONBUILD ENV x\n", 2),
    "a here-document that does not end": ("FROM a\n\nRUN <<EOF\nFROM b\n", 3),
    "a directive twice": ("# escape=\\\n# Escape=`\nFROM a\n", 2),
    "an unknown escape character": ("# escape=x\nFROM a\n", 1),
    "an unknown check": ("# check=foo=bar\nFROM a\n", 1),
    "a variable in COPY --from": ("ARG B\nFROM a\nARG B\nCOPY --from=$B c d\n", 4),
    "a variable in a mount's from": ("ARG B\nFROM a\nRUN --mount=from=${B},target=/x y\n", 3),
    "a mount with nothing": ("FROM a\nRUN --mount= x\n", 2),
    "a mount with a stray quote": ('FROM a\nRUN --mount=id=a\\"b x\n', 2),
    "a number that no stage has": ("FROM a\nCOPY --from=1 b c\n", 2),
    "a number below zero": ("FROM a\nFROM b\nCOPY --from=-1 b c\n", 3),
    "a stage that copies from itself": ("FROM a AS b\nCOPY --from=B c d\n", 1),
    "a stage that copies from itself by number": ("FROM a\nCOPY --from=0 c d\n", 1),
    "a stage that copies from itself under the name of another": ("FROM a AS b\nFROM a AS b\nCOPY --from=b c d\n", 2),
    "a line longer than BuildKit reads": ("FROM a\nARG " + "b" * 65536 + "\n", 2),
    "a file separator is no blank": ("FROM a\n\x1cRUN x\n", 2),
}


@pytest.mark.parametrize(("text", "line"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_says_on_which_line(text: str, line: int) -> None:
    error = refused(text)
    assert (error.line, bool(str(error))) == (line, True)


def test_substitutions_nested_deeper_than_anybody_writes_are_refused() -> None:
    assert refused("FROM a\nRUN <<EOF " + "${a:-" * 60 + "}" * 60 + "\nEOF\n").line == 2
    assert refused_build("ARG A=" + "${a:-" * 60 + "}" * 60 + "\nFROM a\n").line == 1
    assert names("ARG A=" + "${a:-" * 40 + "b" + "}" * 40 + "\nFROM $A\n") == ["b"]


def test_a_circle_of_stages_is_refused_even_where_nobody_needs_it() -> None:
    error = refused("FROM a AS x\nCOPY --from=y / /\nFROM a AS y\nRUN --mount=from=x,target=/t z\nFROM a\n")
    assert "circle" in str(error)


def test_messages_name_what_is_wrong_and_what_was_meant() -> None:
    assert str(refused("FROM scratch\nCOPPY a b\n")) == '"coppy" is no instruction (did you mean "copy"?)'
    assert str(refused("FROM --platfrom=x a\n")) == 'FROM has no flag "--platfrom" (did you mean "platform"?)'
    assert str(refused_build("FROM a AS build\nFROM b AS test\n", "tests")) == (
        'no stage is called "tests" (did you mean "test"?): the stages are build, test'
    )
    assert str(refused_build("FROM a\n", "x")) == 'no stage is called "x": no stage has a name'
    assert str(refused_build("FROM ${V:?missing}\n")) == "V: missing"


VARIABLES = {"A": "foo", "E": "", "V": "1.2.3-rc1", "P": "x/y*z"}
EXPANDED = {
    "plain": "plain",
    "$A": "foo",
    "${A}": "foo",
    "$A-$E-$U": "foo--",
    "$Abc": "",
    "${U:-def}": "def",
    "${E:-def}": "def",
    "${E-def}": "",
    "${U-def}": "def",
    "${A:-def}": "foo",
    "${A:+alt}": "alt",
    "${E:+alt}": "",
    "${E+alt}": "alt",
    "${U+alt}": "",
    "${A:?no}": "foo",
    "${E?no}": "",
    "${U:-${E:-$A}}": "foo",
    "${U:-'a b'}": "a b",
    "${V%.*}": "1.2",
    "${V%%.*}": "1",
    "${V#*.}": "2.3-rc1",
    "${V##*.}": "3-rc1",
    "${V%-rc?}": "1.2.3",
    "${V#?.}": "2.3-rc1",
    "${V%x*}": "1.2.3-rc1",
    "${V/./_}": "1_2.3-rc1",
    "${V//./_}": "1_2_3-rc1",
    "${V//[0-9]/}": "1.2.3-rc1",
    "${V//?/x}": "xxxxxxxxx",
    "${V//*/x}": "x",
    "${V%.*}\\a": "1.2a",
    "${U:-a\\b}": "ab",
    "${P/\\//-}": "x-y*z",
    "${P//\\*/-}": "x/y-z",
    "${P#*\\*}": "z",
    "${U//a/b}": "",
    "'$A'": "$A",
    '"$A"': "foo",
    '"\\$A"': "$A",
    '"a\\b"': "a\\b",
    "\\$A": "$A",
    "a\\b": "ab",
    "a\\": "a",
    "$": "$",
    "$1$12x": "x",
    "$-": "",
    "a'b'\"c\"": "abc",
}


@pytest.mark.parametrize(("word", "value"), EXPANDED.items(), ids=EXPANDED.keys())
def test_expansion(word: str, value: str) -> None:
    assert expand(word, VARIABLES) == value


UNEXPANDABLE = [
    "${",
    "${}",
    "${A",
    "${:x}",
    "${{A}}",
    "${A!x}",
    "${A:x}",
    "${A:#f}",
    "${A=x}",
    "${U:?}",
    "${E:?}",
    "${U?}",
    "'a",
    '"a',
    '"${A"',
    "${A/b}",
    "${A/b/c",
    "${A#\\x}",
]


@pytest.mark.parametrize("word", UNEXPANDABLE)
def test_what_does_not_expand(word: str) -> None:
    with pytest.raises(DockerfileError):
        expand(word, VARIABLES, line=7)


def test_expansion_escapes_with_the_character_of_the_directive() -> None:
    assert expand("`$A\\b", VARIABLES, escape="`") == "$A\\b"
    assert (
        str(refused_build("# escape=`\nARG A=x\nFROM a`$A\n")) == 'FROM: "a$A" is neither a stage nor a possible image'
    )


def test_unset_variables_can_stay_as_they_are_written() -> None:
    assert expand("\"$A $U\" ${U:-'x'} ${U/a/b} $", VARIABLES, keep=True) == "foo $U ${U:-x} ${U/a/b} $"


def test_a_chain_of_arguments_cannot_explode() -> None:
    chain = "ARG A0=0123456789\n" + "".join(f"ARG A{n + 1}=$A{n}$A{n}$A{n}$A{n}\n" for n in range(40))
    assert "65535" in str(refused_build(f"{chain}FROM $A40\n"))
    assert "65535" in str(refused_build(f"ARG A={'a' * 60000}\nARG B=${{A//a/bbbb}}\nFROM $B\n"))


FROM = {
    "default": ("ARG V=1\nFROM a:$V\n", {}, ["a:1"]),
    "given": ("ARG V=1\nFROM a:$V\n", {"V": "2"}, ["a:2"]),
    "given to what has no default": ("ARG V\nFROM a:$V\n", {"V": "2"}, ["a:2"]),
    "given but not declared": ("FROM a:${V:-none}\n", {"V": "2"}, ["a:none"]),
    "declared in a stage only": ("FROM a\nARG V=1\nFROM b:${V:-none}\n", {"V": "2"}, ["b:none"]),
    "from another argument": ("ARG V=1\nARG W=$V-x\nFROM a:$W\n", {"V": "2"}, ["a:2-x"]),
    "the last of two": ("ARG V=1\nARG V=2\nFROM a:$V\n", {}, ["a:2"]),
    "several on a line": ("ARG V=1 W=\"2\" X='3'\nFROM a:$V$W$X\n", {}, ["a:123"]),
    "empty is set": ("ARG V=\nFROM a${V-x}\n", {}, ["a"]),
    "quotes around the name": ('ARG V=1\nFROM "a:$V"\n', {}, ["a:1"]),
    "platform": ("FROM a-$TARGETOS-${TARGETARCH}\n", {}, ["a-linux-amd64"]),
    "platform given": ("FROM a-$TARGETARCH\n", {"TARGETARCH": "riscv64"}, ["a-riscv64"]),
    "target stage": ("FROM a-$TARGETSTAGE AS x\n", {}, ["a-x"]),
    "no target stage": ("FROM a-$TARGETSTAGE\n", {}, ["a-default"]),
}


@pytest.mark.parametrize(("text", "args", "found"), FROM.values(), ids=FROM.keys())
def test_variables_in_from(text: str, args: dict[str, str], found: list[str]) -> None:
    assert names(text, **args) == found


def test_the_target_is_a_variable_too() -> None:
    assert names("FROM a-$TARGETSTAGE AS x\nFROM scratch AS y\n", "x") == ["a-x"]


def test_platform_variables_follow_the_platform() -> None:
    text = "FROM a-$TARGETPLATFORM-$TARGETOS-$TARGETARCH-$TARGETVARIANT-$BUILDARCH AS x\n"
    dockerfile = parse(text.replace("$TARGETPLATFORM-", ""))
    found = needs(dockerfile, {}, None, (), platform="linux/arm/v7", build_platform="linux/arm64/v8")
    assert [use.name for use in found.names] == ["a-linux-arm-v7-arm64"]
    with pytest.raises(InvalidName):
        needs(dockerfile, {}, None, (), platform="arm64")


def test_a_base_or_platform_that_ends_up_empty_is_refused_in_any_stage() -> None:
    error = refused_build("FROM scratch\nFROM $V\nFROM scratch\n")
    assert (error.line, "is empty" in str(error)) == (2, True)
    assert refused_build("FROM --platform=$V scratch\n").line == 1
    assert reach("FROM --platform= scratch\n").stages == (0,)


REACHED = {
    "the last stage": ("FROM a AS x\nFROM b AS y\n", None, ["b"], (1,)),
    "a target": ("FROM a AS x\nFROM b AS y\n", "x", ["a"], (0,)),
    "a target in another case": ("FROM a AS x\nFROM b AS y\n", "X", ["a"], (0,)),
    "a base": ("FROM a AS x\nFROM b AS y\nFROM x\n", None, ["a"], (0, 2)),
    "a chain of bases": ("FROM a AS x\nFROM x AS y\nFROM y\n", None, ["a"], (0, 1, 2)),
    "COPY from a stage": ("FROM a AS x\nFROM b\nFROM c\nCOPY --from=x / /\n", None, ["a", "c"], (0, 2)),
    "COPY in another case": ("FROM a AS x\nFROM c\nCOPY --from=X / /\n", None, ["a", "c"], (0, 1)),
    "COPY by number": ("FROM a\nFROM c\nCOPY --from=0 / /\n", None, ["a", "c"], (0, 1)),
    "COPY from an image": ("FROM a\nCOPY --from=b:1 / /\n", None, ["a", "b:1"], (0,)),
    "a mount from a stage": ("FROM a AS x\nFROM c\nRUN --mount=from=x,target=/t y\n", None, ["a", "c"], (0, 1)),
    "a mount takes no number": ("FROM a\nFROM c\nRUN --mount=from=0,target=/t y\n", None, ["c", "0"], (1,)),
    "a cache from an image": ("FROM a\nRUN --mount=type=cache,from=b,target=/t y\n", None, ["a", "b"], (0,)),
    "even tmpfs from an image": ("FROM a\nRUN --mount=type=tmpfs,from=b,target=/t y\n", None, ["a", "b"], (0,)),
    "scratch": ("FROM scratch\nCOPY --from=scratch / /\nRUN --mount=from=scratch,target=/t y\n", None, [], (0,)),
    "a stage called scratch": ("FROM a AS scratch\nFROM scratch\n", None, ["a"], (0, 1)),
    "FROM with its own later name": ("FROM x AS x\nFROM x\n", None, ["x"], (0, 1)),
    "FROM a later stage is an image": ("FROM y AS x\nFROM b AS y\nFROM x\n", None, ["y"], (0, 2)),
    "FROM is no number": ("FROM a\nFROM 0\n", None, ["0"], (1,)),
    "FROM takes the nearest of two": ("FROM a AS x\nFROM b AS x\nFROM x\n", None, ["b"], (1, 2)),
    "COPY takes the last of two": ("FROM a AS x\nFROM b AS x\nFROM c\nCOPY --from=x / /\n", None, ["b", "c"], (1, 2)),
    "a stage's name folded": ("FROM a as Build\nFROM build\n", None, ["a"], (0, 1)),
    "quotes in COPY --from": ("FROM a\nCOPY --from=\"b\" / /\nCOPY --from='c'd / /\n", None, ["a", "b", "cd"], (0,)),
    "an empty --from": ("FROM a\nCOPY --from= / /\n", None, ["a"], (0,)),
    "a dollar in COPY --from that names nothing": ("FROM scratch AS a\nFROM a\n", None, [], (0, 1)),
    "ONBUILD reaches": ("FROM a AS x\nONBUILD COPY --from=b / /\nFROM x\n", None, ["a", "b"], (0, 1)),
    "ONBUILD of the target itself": ("FROM a AS x\nONBUILD COPY --from=b / /\n", None, ["a"], (0,)),
    "ONBUILD of a base's base": (
        "FROM a AS x\nONBUILD COPY --from=b / /\nFROM x AS y\nFROM y\n",
        None,
        ["a", "b"],
        (0, 1, 2),
    ),
}


@pytest.mark.parametrize(("text", "target", "found", "stages"), REACHED.values(), ids=REACHED.keys())
def test_what_a_target_reaches(text: str, target: str | None, found: list[str], stages: tuple[int, ...]) -> None:
    reached = reach(text, target)
    assert ([use.name for use in reached.names], reached.stages) == (found, stages)


def test_names_say_where_and_how_they_are_used() -> None:
    text = "ARG V=1\nFROM a:$V\n\nCOPY --from=b / /\nRUN --mount=target=/t,from=c \\\n  --mount=from=d,target=/u x\n"
    assert reach(text).names == (
        Use("a:1", 2, "FROM"),
        Use("b", 4, "COPY --from"),
        Use("c", 5, "RUN --mount from"),
        Use("d", 5, "RUN --mount from"),
    )


def test_an_onbuild_trigger_stands_at_the_from_that_fires_it_and_fires_once() -> None:
    text = "FROM a AS x\nONBUILD COPY --from=b / /\nONBUILD ARG T\nFROM x AS y\nFROM y\n"
    assert reach(text, "y").names == (Use("a", 1, "FROM"), Use("b", 4, "COPY --from"))
    assert reach(text).args == {"T"}
    assert reach(text, "x").args == frozenset()
    assert refused_build("FROM a AS x\nONBUILD NONSENSE\nFROM x\n").line == 3
    assert reach("FROM a AS x\nONBUILD NONSENSE\n").stages == (0,)


def test_a_name_that_is_no_stage_and_no_image_is_refused_even_unreached() -> None:
    assert refused_build("FROM scratch AS Build\nFROM Build\n").line == 2  # FROM, unlike COPY, minds the case
    assert refused_build("FROM a:b:c\nFROM scratch\n").line == 1
    assert refused_build("FROM scratch\nCOPY --from=A_B / /\nFROM scratch\n").line == 2
    assert refused_build("FROM a@sha256:abc\n").line == 1


def test_a_stage_is_used_only_behind_where_it_is_built() -> None:
    text = "FROM a AS x\nCOPY --from=y / /\nFROM b AS y\nFROM {}\n"
    assert refused_build(text.format("x")).line == 2
    assert reach(text.format("c")).stages == (2,)
    assert reach(text.format("x"), None, "y").used_contexts == {"y"}
    mount = "FROM a AS x\nRUN --mount=from=y,target=/t z\nFROM b AS y\nFROM x\n"
    assert "RUN --mount" in str(refused_build(mount))


def test_args_are_those_of_the_global_scope_and_of_reached_stages() -> None:
    text = "ARG G\nFROM a AS x\nARG X\nFROM b AS y\nARG Y=1 Z\nFROM x\nARG L\n"
    assert reach(text).args == {"G", "X", "L"}
    assert reach(text, "y").args == {"G", "Y", "Z"}
    assert parse(text).declared_args() == {"G", "X", "Y", "Z", "L"}


SECRETS = {
    "id": ("type=secret,id=a", ["a"], []),
    "source": ("type=secret,source=a", ["a"], []),
    "src": ("type=secret,src=a", ["a"], []),
    "target": ("type=secret,target=/run/x/a", ["a"], []),
    "dst": ("type=secret,dst=/run/x/a/", ["a"], []),
    "id before target": ("type=secret,id=a,target=/b", ["a"], []),
    "environment": ("type=secret,id=a,env=TOKEN", ["a"], []),
    "any case": ("TYPE=SECRET,ID=a,required", ["a"], []),
    "variables": ("type=$KIND,id=${ID}-2", ["tok-2"], []),
    "a quoted flag": ("'type=secret,id=a b'", ["a b"], []),
    "quotes as in CSV": ('type=secret,\\"id=a,b\\"', ["a,b"], []),
    "ssh": ("type=ssh", [], ["default"]),
    "ssh with an id": ("type=ssh,id=git", [], ["git"]),
    "bind has none": ("type=bind,id=a,target=/t", [], []),
    "bind is the default": ("id=a,target=/t", [], []),
    "cache has none": ("type=cache,id=a,target=/t", [], []),
}


@pytest.mark.parametrize(("mount", "secrets", "ssh"), SECRETS.values(), ids=SECRETS.keys())
def test_secrets_and_ssh(mount: str, secrets: list[str], ssh: list[str]) -> None:
    found = reach(f"FROM scratch\nARG ID=tok\nENV KIND=secret\nRUN --mount={mount} true\n")
    assert ([*found.secrets], [*found.ssh]) == (secrets, ssh)


def test_secrets_are_those_of_reached_stages_each_once() -> None:
    text = (
        "FROM scratch AS x\nRUN --mount=type=secret,id=one --mount=type=secret,id=two a\n"
        "FROM scratch AS y\nRUN --network=none --mount=type=secret,id=three a\n"
        "FROM x\nRUN --mount=type=secret,id=one --mount=type=ssh a\n"
    )
    assert reach(text).secrets == ("one", "two")
    assert (reach(text, "y").secrets, reach(text, "y").ssh) == (("three",), ())
    assert [stage.secrets for stage in parse(text).stages] == [("one", "two"), ("three",), ("one",)]


WRONG_MOUNTS = [
    "type=secret",
    "type=secret,id=a,from=b",
    "type=secret,id=a,source=b",
    "type=foo,target=/t",
    "colour=red",
    "type=bind,target",
    "type=ssh,source=a",
    "type=$U,id=a",
]


@pytest.mark.parametrize("mount", WRONG_MOUNTS)
def test_a_mount_that_is_wrong_is_refused_where_it_is_reached(mount: str) -> None:
    text = f"FROM scratch AS x\nRUN --mount={mount} true\nFROM scratch\nFROM {{}}\n"
    assert refused_build(text.format("x")).line == 2
    assert reach(text.format("scratch")).stages == (2,)


def test_variables_of_a_stage_come_from_args_env_and_the_base_in_order() -> None:
    text = (
        "ARG G=global\nARG H=hidden\n"
        "FROM scratch AS x\nARG G\nENV E=$G-${H:-unset} F=$E\nRUN --mount=type=secret,id=$E. a\n"
        "FROM x\nARG G=default\nRUN --mount=type=secret,id=$G-${F:-empty}-$E a\n"
    )
    assert reach(text).secrets == ("global-unset.", "default-empty-global-unset")
    assert reach(text, G="given").secrets == ("given-unset.", "given-empty-given-unset")


def test_what_a_base_image_may_set_is_not_missed() -> None:
    text = "FROM {}\nENV A=${{SET_BY_THE_BASE:?}}\nRUN --mount=type=$KIND,id=$ID a\n"
    assert reach(text.format("some-image")).secrets == ()
    assert refused_build("FROM some-image\nRUN --mount=type=secret a\n").line == 2
    assert refused_build(text.format("scratch")).line == 2


def test_wrong_quotes_are_refused_only_where_they_are_reached() -> None:
    text = 'FROM scratch AS x\n{} A="b\nFROM scratch\n'
    for instruction in ("ENV", "ARG", "LABEL"):
        assert reach(text.format(instruction)).stages == (1,)
        assert refused_build(text.format(instruction), "x").line == 2


CONTEXTS = {
    "an image": ("FROM ubuntu:24.04\n", "ubuntu:24.04", True),
    "the image's full name": ("FROM docker.io/library/ubuntu:24.04\n", "ubuntu:24.04", True),
    "another full name": ("FROM index.docker.io/library/ubuntu\n", "ubuntu", True),
    "library alone": ("FROM library/ubuntu\n", "ubuntu", True),
    "latest is no tag": ("FROM ubuntu:latest\n", "ubuntu", True),
    "another tag": ("FROM ubuntu:22.04\n", "ubuntu:24.04", False),
    "a user's image": ("FROM docker.io/me/app:1\n", "me/app:1", True),
    "another registry": ("FROM quay.io/me/app:1\n", "quay.io/me/app:1", True),
    "a registry with a port": ("FROM localhost:5000/library/app:1\n", "localhost:5000/library/app:1", True),
    "a digest": (f"FROM ubuntu:24.04@{DIGEST}\n", f"ubuntu:24.04@{DIGEST}", True),
    "a digest counts": (f"FROM ubuntu:24.04@{DIGEST}\n", "ubuntu:24.04", False),
    "a long key is without effect": ("FROM ubuntu:24.04\n", "docker.io/library/ubuntu:24.04", False),
    "latest in a key is without effect": ("FROM ubuntu\n", "ubuntu:latest", False),
    "upper case in a key is without effect": ("FROM scratch AS base\nFROM base\n", "Base", False),
    "a variable's value": ("ARG V=24.04\nFROM ubuntu:$V\n", "ubuntu:24.04", True),
    "COPY": ("FROM scratch\nCOPY --from=tools / /\n", "tools", True),
    "a mount": ("FROM scratch\nRUN --mount=from=tools,target=/t x\n", "tools", True),
    "unused": ("FROM scratch\n", "tools", False),
    "unreached": ("FROM tools\nFROM scratch\n", "tools", False),
    "a stage": ("FROM ubuntu AS base\nFROM base\n", "base", True),
    "a stage in upper case": ("FROM ubuntu AS Base\nFROM base\n", "base", True),
    "a stage that nobody reaches": ("FROM ubuntu AS base\nFROM scratch\n", "base", False),
    "the target itself": ("FROM scratch AS base\n", "base", True),
    "scratch is never replaced": ("FROM scratch\n", "scratch", False),
    "nor is a stage called scratch": ("FROM scratch AS scratch\n", "scratch", False),
    "nor is a stage called context": ("FROM scratch AS context\n", "context", False),
    "an image called context is": ("FROM context\n", "context", True),
}


@pytest.mark.parametrize(("text", "key", "used"), CONTEXTS.values(), ids=CONTEXTS.keys())
def test_named_contexts(text: str, key: str, *, used: bool) -> None:
    assert reach(text, None, key).used_contexts == ({key} if used else set())


def test_a_context_in_the_place_of_a_stage_hides_what_the_stage_does_but_not_what_it_copies_from() -> None:
    text = "FROM a AS x\nARG X\nRUN --mount=type=secret,id=s y\nCOPY --from=b / /\nFROM x\nARG L\n"
    hidden = reach(text, None, "x")
    assert hidden.names == (Use("b", 4, "COPY --from"),)
    assert (set(hidden.args), hidden.secrets) == ({"L"}, ())
    assert (hidden.stages, hidden.replaced) == ((0, 1), (0,))
    shown = reach(text)
    assert (set(shown.args), shown.secrets, shown.replaced) == ({"X", "L"}, ("s",), ())


def test_a_stage_whose_place_a_context_takes_does_not_reach_its_base() -> None:
    found = reach("FROM a AS p\nFROM p AS x\nFROM x\n", None, "x")
    assert (found.stages, found.names) == ((1, 2), ())


def test_every_context_that_takes_effect_is_used() -> None:
    text = "FROM a AS x\nFROM b AS y\nFROM x\nCOPY --from=c / /\n"
    assert reach(text, None, "a", "b", "c", "y", "z").used_contexts == {"a", "c"}
    assert reach(text, None, "a", "x").used_contexts == {"x"}


def test_the_key_of_a_name_that_no_image_can_have_is_empty() -> None:
    keys = [context_key(name) for name in ("", "Upper", "a:b:c", "a b", "-a", "a/", "a@b")]
    assert keys == [""] * 7
    assert context_key("library/a/b") == "library/a/b"


LABELS = {
    "pairs": ("LABEL a=1 b.c=\"two words\" 'd e'=f\n", [("a", "1"), ("b.c", "two words"), ("d e", "f")]),
    "over several lines": ("LABEL a=1 \\\n  b=2\n", [("a", "1"), ("b", "2")]),
    "the older form": ("LABEL a all of this\n", [("a", "all of this")]),
    "escaped blanks": ("LABEL a=b\\ c\n", [("a", "b c")]),
    "variables stay": ('ARG V\nLABEL a="$V-${W:-x}"\n', [("a", "$V-${W:-x}")]),
    "an equals sign in a value": ("LABEL a=b=c\n", [("a", "b=c")]),
    "again": ("LABEL a=1\nLABEL a=2\n", [("a", "1"), ("a", "2")]),
    "of ONBUILD are not its own": ("ONBUILD LABEL a=1\n", []),
    "wrong quotes stay": ('LABEL a="b\n', [("a", '"b')]),
}


@pytest.mark.parametrize(("text", "labels"), LABELS.values(), ids=LABELS.keys())
def test_labels(text: str, labels: list[tuple[str, str]]) -> None:
    assert parse("FROM scratch\n" + text).stages[0].labels == tuple(labels)


def test_arguments_that_buildkit_knows_by_itself() -> None:
    assert {
        "HTTP_PROXY",
        "no_proxy",
        "SOURCE_DATE_EPOCH",
        "BUILDKIT_INLINE_CACHE",
        "BUILDKIT_SYNTAX",
    } <= PREDEFINED_ARGS
    assert {"TARGETPLATFORM", "TARGETARCH", "TARGETVARIANT", "BUILDOS", "TARGETSTAGE"} <= PLATFORM_ARGS
    # BuildKit minds this one only where the Dockerfile declares it, so passing it alone does nothing
    assert not {"BUILDKIT_SBOM_SCAN_CONTEXT", "VERSION"} & (PREDEFINED_ARGS | PLATFORM_ARGS)


def test_results_are_values() -> None:
    text = "ARG V\nFROM a:$V AS x\nLABEL a=b\n"
    assert parse(text) == parse(text)
    assert hash(parse(text)) == hash(parse(text))


INSTRUCTIONS = ["FROM ", "ARG ", "RUN ", "COPY ", "ENV ", "LABEL ", "ONBUILD ", "ADD ", "SHELL ", "from ", " AS "]
WORDS = [
    "scratch",
    "a",
    "b",
    "A",
    "0",
    "1",
    "é",
    "--from=",
    "--mount=",
    "--",
    "type=secret",
    "type=$V",
    "id=x",
    "from=a",
]
MARKS = [
    "$V",
    "${V",
    "}",
    ":-",
    ":+",
    ":?",
    "#",
    "##",
    "%",
    "//",
    "/",
    "*",
    "?",
    "\\",
    "`",
    "'",
    '"',
    "=",
    ",",
    "[",
    "]",
]
LINES = ["<<EOF", "<<-", "<<", "EOF", "\n", "\n", "\n", "\r\n", " ", "\t", "# escape=`\n", "# check=", "\ufeff"]
PIECES = st.sampled_from([*INSTRUCTIONS, *WORDS, *MARKS, *LINES])
TEXTS = st.text() | st.lists(PIECES, max_size=40).map("".join) | st.lists(PIECES).map(lambda p: "FROM a\n" + "".join(p))


@settings(deadline=None, max_examples=400)
@given(text=TEXTS, args=st.dictionaries(st.sampled_from(["V", "A"]), st.text()), target=st.none() | st.just("a"))
def test_any_text_gives_a_result_or_a_dockerfile_error(text: str, args: dict[str, str], target: str | None) -> None:
    error, indexes, seen, lines = None, list[int](), list[int](), list[int]()
    try:
        dockerfile = parse(text)
        indexes, lines = [stage.index for stage in dockerfile.stages], [stage.line for stage in dockerfile.stages]
        found = needs(dockerfile, args, target, {"a"})
        seen, lines = [*found.stages], [*lines, *(use.line for use in found.names)]
    except DockerfileError as caught:
        error = caught
        lines.append(error.line or 1)
    assert error is None or str(error)
    assert indexes == list(range(len(indexes)))
    assert set(seen) <= set(indexes)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines)


@settings(deadline=None, max_examples=400)
@given(
    word=st.text() | st.lists(PIECES).map("".join), variables=st.dictionaries(st.sampled_from(["V", "A"]), st.text())
)
def test_any_word_expands_or_is_refused(word: str, variables: dict[str, str]) -> None:
    try:
        expanded = expand(word, variables)
    except DockerfileError as error:
        expanded = str(error)
    assert expanded == word or set(word) & set("\\`$'\"")


@settings(deadline=None)
@given(body=st.lists(st.text(st.characters(exclude_characters="\n")).filter(lambda line: line.rstrip("\r") != "END")))
def test_nothing_in_a_here_document_is_an_instruction(body: list[str]) -> None:
    dockerfile = parse("\n".join(["FROM scratch", "RUN <<END", *body, "END", "ARG SEEN"]))
    assert dockerfile.stages[0].args == (Arg("SEEN", None, len(body) + 4),)


@settings(deadline=None)
@given(value=st.text(st.characters(exclude_characters="\n\\'")))
def test_single_quotes_keep_a_value_as_it_is(value: str) -> None:
    assert expand(f"'{value}'", {}) == value


@pytest.mark.parametrize(
    "text",
    [
        "FROM scratch\n" + "RUN x\n" * 20_000,
        "FROM a AS a\n" + "FROM a AS a\nCOPY --from=0 / /\n" * 2_000,
        "FROM scratch\nRUN <<EOF " + "}/\\\n" * 20_000 + "x\nEOF\n",
        "FROM scratch\nRUN " + "x \\\n" * 20_000 + "\n",
        f"ARG A={'a' * 60_000}\nARG B=${{A//*a*a*a*b/x}}\nARG C=${{A##*a*a*c}}\nARG D=${{A%%b*a*}}\nFROM img\n",
        "FROM scratch\nRUN <<A\n" + "x\n" * 20_000 + "A\n",
    ],
    ids=["many instructions", "many stages", "a long line", "many continuations", "patterns", "a long here-document"],
)
def test_a_big_dockerfile_is_read(text: str) -> None:
    assert reach(text).stages[-1] == len(parse(text).stages) - 1
