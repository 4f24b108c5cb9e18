"""Labels in a Dockerfile's text: which the image has, where they stand, and how others are added."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakegen.dockerfile import DockerfileError
from bakegen.dockerfile.edit import add_labels
from bakegen.dockerfile.labelled import blank_continuations, describe


def labels(text: str, target: str | None = None) -> dict[str, str | None]:
    return {label.key: label.value for label in describe(text, target).labels}


def lines(text: str) -> dict[str, int]:
    return {label.key: label.line for label in describe(text).labels}


def refusal(text: str, wanted: dict[str, str] | None = None, target: str | None = None) -> DockerfileError:
    with pytest.raises(DockerfileError) as caught:
        add_labels(text, wanted or {"k": "v"}, target)
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('FROM x\nLABEL a=1 \'b c\'=\'2 $X\' "d"="3\\"\\$\\\\"\n', {"a": "1", "b c": "2 $X", "d": '3"$\\'}),
        ("FROM x\nLABEL a one  two \nlabel b 'q  r'\n", {"a": "one  two", "b": "q  r"}),
        ("FROM x\nLABEL a=1 a=2\nLABEL a=3\n", {"a": "3"}),
        ("FROM x AS one\nLABEL a=1 b=1\nFROM one\nLABEL b=2\n", {"a": "1", "b": "2"}),
        ("FROM x AS one\nLABEL a=1\nFROM y\nCOPY --from=one /a /a\n", {}),
        ("FROM x\nONBUILD LABEL a=1\n", {}),
        ("FROM x AS one\nONBUILD LABEL a=1\nFROM one\nLABEL b=2\n", {"a": "1", "b": "2"}),
        ("FROM x\nRUN <<EOF\nLABEL a=1\nEOF\nLABEL b=2\n", {"b": "2"}),
        ("FROM x\nENV V=7\nLABEL a=$V b=${V}x c=${W:-8}\n", {"a": "7", "b": "7x", "c": None}),
        ("ARG V=7\nFROM x\nLABEL a=$V\n", {"a": None}),
        ("ARG V=7\nFROM x\nARG V\nARG W\nLABEL a=$V b=$W\n", {"a": "7", "b": None}),
        ("FROM x\nENV V=$PATH\nLABEL a=$V\n", {"a": None}),
        ("FROM x\nARG V=1\nENV V=$U\nLABEL a=$V\n", {"a": None}),
        ("FROM x\nLABEL $U=1 b=2\n", {"b": "2"}),
        ('# escape=`\nFROM x\nLABEL a=`\n1 b="c`""\n', {"a": "1", "b": 'c"'}),
    ],
)
def test_the_labels_that_an_image_has(text: str, expected: dict[str, str | None]) -> None:
    assert labels(text) == expected


def test_a_stage_may_be_asked_for() -> None:
    text = "FROM x AS one\nLABEL a=1\nFROM y AS Two\nLABEL b=2\n"
    assert labels(text, "one") == {"a": "1"}
    assert labels(text, "TWO") == {"b": "2"}
    assert str(refusal(text, target="tow")) == 'no stage is called "tow" (did you mean "two"?)'


def test_each_pair_has_its_own_line() -> None:
    text = "FROM x\nLABEL a=1 \\\n  # a comment\n      b=2 \\\n\n      c=3\nLABEL old all the rest\n"
    assert lines(text) == {"a": 2, "b": 4, "c": 6, "old": 7}
    found = describe(text)
    assert blank_continuations(text, found.instructions) == (5,)
    assert lines("FROM x AS one\nLABEL a=\\\n1\\\n b=2\nFROM one\nUSER u\n") == {"a": 2, "b": 4}


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("FROM debian:12\n", "debian:12"),
        ("ARG V=12\nFROM debian:${V} AS a\nFROM other\nFROM a\n", "debian:12"),
        ("ARG V\nFROM debian:${V}\n", ""),
        ("ARG V\nARG I=debian:$V\nFROM $I\n", ""),
        ("ARG I=nvcr.io/x:1\nFROM ${I}\n", "nvcr.io/x:1"),
        ("FROM a AS a\n", "a"),
    ],
)
def test_the_image_under_all_stages(text: str, base: str) -> None:
    assert describe(text).base == base


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The last line has no end, and is a comment.
        ("FROM x\n# vim: ft=dockerfile", 'FROM x\nLABEL k="v"\n# vim: ft=dockerfile'),
        ("FROM x", 'FROM x\nLABEL k="v"\n'),
        ("from x\n", 'from x\nLABEL k="v"\n'),
        # The file ends in a continuation, with comments and empty lines behind it.
        ("FROM x\nRUN a \\\n  b \\ \n# c\n\n", 'FROM x\nRUN a \\\n  b \nLABEL k="v"\n# c\n\n'),
        ("FROM x\nRUN a \\", 'FROM x\nRUN a \nLABEL k="v"\n'),
        ("# escape=`\nFROM x\nRUN a `\n", '# escape=`\nFROM x\nRUN a \nLABEL k="v"\n'),
        # Two escape characters are no continuation.
        ("FROM x\nRUN a \\\\", 'FROM x\nRUN a \\\\\nLABEL k="v"\n'),
        # Directives stay first, a byte order mark and carriage returns stay.
        ("# syntax=docker/dockerfile:1\nFROM x\n", '# syntax=docker/dockerfile:1\nFROM x\nLABEL k="v"\n'),
        ("\ufeffFROM x\r\nUSER u\r\n", '\ufeffFROM x\r\nUSER u\r\nLABEL k="v"\r\n'),
        ("FROM x\r\nUSER u", 'FROM x\r\nUSER u\r\nLABEL k="v"\r\n'),
        # Here-documents, also ones that look like instructions.
        ("FROM x\nRUN <<EOF\nFROM y\nLABEL k=1\nEOF", 'FROM x\nRUN <<EOF\nFROM y\nLABEL k=1\nEOF\nLABEL k="v"\n'),
        # Several stages: the last one, whatever the others say.
        ("FROM x AS a\nLABEL k=1\nFROM y\nUSER u\n", 'FROM x AS a\nLABEL k=1\nFROM y\nUSER u\nLABEL k="v"\n'),
        # What the stage inherits is overridden; what it writes is changed in place.
        ("FROM x AS a\nLABEL k=1\nFROM a\n", 'FROM x AS a\nLABEL k=1\nFROM a\nLABEL k="v"\n'),
        ("FROM x\nLABEL a=1 k=1 b=2\nUSER u\n", 'FROM x\nLABEL a=1 k="v" b=2\nUSER u\n'),
        ("FROM x\nLABEL k one two  \n", 'FROM x\nLABEL k="v"  \n'),
        ("FROM x\nLABEL 'k'=\"a\\\n  b\" \\\n# mine\n  c=1\n", 'FROM x\nLABEL k="v" \\\n# mine\n  c=1\n'),
        ("FROM x\nLABEL k=1\nLABEL k=2\n", 'FROM x\nLABEL k=1\nLABEL k="v"\n'),
        ("FROM x\r\nLABEL k=1 \\\r\n  z=1\r\n", 'FROM x\r\nLABEL k="v" \\\r\n  z=1\r\n'),
        ("FROM x\nONBUILD LABEL k=1\n", 'FROM x\nONBUILD LABEL k=1\nLABEL k="v"\n'),
        ("FROM x\nLABEL k=$UNKNOWN\n", 'FROM x\nLABEL k="v"\n'),
    ],
)
def test_how_a_label_is_written(text: str, expected: str) -> None:
    assert add_labels(text, {"k": "v"}) == expected
    assert labels(expected)["k"] == "v"


def test_several_labels_are_changed_where_they_stand() -> None:
    text = "FROM x\nLABEL a=1 b=2 \\\n  c='3\\\n3' d=4\nLABEL e 5\n"
    wanted = {"d": "dd", "a": "aa", "e": "ee", "c": "cc", "b": "2"}
    assert add_labels(text, wanted) == 'FROM x\nLABEL a="aa" b=2 \\\n  c="cc" d="dd"\nLABEL e="ee"\n'


def test_a_label_that_is_there_already_is_left_as_it_stands() -> None:
    text = "ARG V=v\nFROM x AS a\nARG V\nLABEL 'k'=$V\nFROM a\n# end"
    assert add_labels(text, {"k": "v"}) == text


def test_a_stage_in_the_middle() -> None:
    text = "FROM x AS a\nRUN b\n\n# next\nFROM y\n"
    assert add_labels(text, {"k": "v"}, "a") == 'FROM x AS a\nRUN b\nLABEL k="v"\n\n# next\nFROM y\n'


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("2FROM x\n", 1, '"2from" is no instruction (did you mean "from"?)'),
        ("", 0, "the Dockerfile has no FROM"),
        ("# nothing\n", 0, "the Dockerfile has no FROM"),
        ("FROM x\nINSTALL y\n", 2, '"install" is no instruction'),
        ("<<<<<<< HEAD\nFROM x\n", 1, "the mark of an unsolved merge: take one of the two versions"),
        ("FROM x\nLABEL a=1 \\\n>>>>>>> other\n  b=2\n", 3, "the mark of an unsolved merge"),
        ("FROM x\nRUN <<EOF\n", 2, 'the here-document "EOF" is not ended'),
        ("FROM x\nLABEL a=1 b c\n", 2, "LABEL takes name=value"),
        ("# escape=\\\n# escape=\\\nFROM x\n", 2, "the parser directive escape stands here twice"),
    ],
)
def test_what_is_no_dockerfile_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    error = refusal(text)
    assert (error.line, str(error)[: len(message)]) == (line, message)


@pytest.mark.parametrize("wanted", [{"": "v"}, {"k": "a\nb"}, {"k": "a\0"}, {"k\r": "v"}])
def test_what_no_label_can_hold(wanted: dict[str, str]) -> None:
    assert "a LABEL holds no line break" in str(refusal("FROM x\n", wanted))


def test_a_line_may_not_grow_too_long() -> None:
    assert str(refusal("FROM x\n", {"k": "ö" * 40_000})) == "the line would have more than 65535 bytes"
    assert refusal("FROM x\n", {"k": "v" * 65_535}).line == 2


TEXT = st.text(st.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"]), max_size=12)
TRICKY = st.sampled_from(
    ["$X", "${X}", '"', "'", "\\", "`", "<<EOF", "# no", "a b", "", "=", "\\\\", "é", "\u2028", "\t"]
)
VALUES = st.one_of(TEXT, TRICKY, st.lists(TRICKY, max_size=4).map("".join))
KEYS = st.one_of(
    st.sampled_from(["k", "a", "b", "ai.backend.role", "x y", 'q"', "d$X", "e\\", "b`", "#"]),
    VALUES.filter(lambda key: key and "=" not in key),
)
PIECES = st.sampled_from(
    [
        "LABEL a=1 b=2",
        "LABEL a old style ",
        "label k='1 2' \\\n# why\n   b=\"x\\\n y\" \\\n\n  a=3",
        'LABEL "x y"=1 k=$V',
        "LABEL k=${V:-9}`",
        "ENV V=1 W='2 3'",
        "ARG V=4",
        "ARG U",
        "ONBUILD LABEL k=7",
        "ONBUILD ENV V=8",
        "RUN <<EOF cat <<-'B'\nFROM z\nEOF\n\tLABEL a=9\n\tB",
        'RUN ["a", "LABEL b=1"]',
        "RUN a \\\n  && b",
        "  # a comment",
        "",
        "  USER u",
        "COPY --from=one /a /b",
        "FROM y",
        "FROM one AS two",
    ]
)
ENDS = st.sampled_from(["", "\n", "\nRUN a \\", "\nRUN a \\\n\n# b", "\n# vim: x", "\nRUN a \\\\\n", "\n  \n"])


@st.composite
def dockerfiles(draw: st.DrawFn) -> str:
    head = draw(st.sampled_from(["", "# syntax=docker/dockerfile:1\n", "# escape=`\n", "# note\n", "ARG V=g\n"]))
    text = head + "FROM x AS one\n" + "\n".join(draw(st.lists(PIECES, max_size=8))) + draw(ENDS)
    if head == "# escape=`\n":
        text = text.replace("\\", "`")
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    return draw(st.sampled_from(["", "\ufeff"])) + text


@settings(max_examples=400)
@given(dockerfiles(), st.dictionaries(KEYS, VALUES, max_size=5))
def test_what_is_written_is_what_is_read_and_nothing_else_changes(text: str, wanted: dict[str, str]) -> None:
    try:
        before = describe(text)
    except DockerfileError:
        with pytest.raises(DockerfileError):
            add_labels(text, wanted)
        return
    edited = add_labels(text, wanted)
    after = describe(edited)
    expected = {label.key: label.value for label in before.labels} | wanted
    assert {label.key: label.value for label in after.labels} == expected
    assert add_labels(edited, wanted) == edited
    others = [(item.name, item.text) for item in before.instructions if item.name != "label"]
    kept = [(item.name, item.text.rstrip()) for item in after.instructions if item.name != "label"]
    assert kept == [(name, content.rstrip()) for name, content in others]
    assert (after.dockerfile.syntax, after.dockerfile.escape) == (before.dockerfile.syntax, before.dockerfile.escape)
    assert edited.startswith("\ufeff") == text.startswith("\ufeff")
    if "\r\n" in text:
        assert edited.count("\n") == edited.count("\r\n")
