"""The bake file's text: quoting, layout, and templates of the user's own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.errors import ConfigurationError
from bakegen.render import hcl
from bakegen.render.definition import Block, Definition, Expression, Group, Prefixed, Variable, csv, quoted
from tests.projects import defined, emitted, project

BLOCK = Block(
    "t", "s/l os=a", (("context", "."), ("labels", {"a": "1", "bcd": "2"}), ("tags", ["x"]), ("platforms", ("p",)))
)
DEFINITION = Definition(
    ("made", "by"), (Variable("V", "", "says"),), (Group("default", "all", ("t",), ("t",)),), (BLOCK,)
)


def unquoted(text: str) -> str:
    """What HCL reads in a quoted string, by the grammar of its specification."""
    assert text[0] == text[-1] == '"'
    inside = text[1:-1]
    assert not re.search(r'(?<!\\)(?:\\\\)*"|[\n\r]', inside)
    token = re.compile(r'\$\$\{|%%\{|\\([nrt"\\])|\\u([0-9a-f]{4})|\\U([0-9a-f]{8})|([$%]\{|\\)|(.)', re.DOTALL)
    found = ""
    for match in token.finditer(inside):
        simple, short, long, bad, plain = match.groups()
        assert not bad, f"a template or an unknown escape: {text}"
        if simple:
            found += {"n": "\n", "r": "\r", "t": "\t"}.get(simple, simple)
        elif short or long:
            found += chr(int(short or long, 16))
        else:
            found += plain or match[0][1:]
    return found


HOSTILE = st.text(st.one_of(st.sampled_from('${}%"\\\n\r\t\0'), st.characters(exclude_categories=["Cs"])))


@given(HOSTILE)
def test_a_quoted_string_is_the_text(text: str) -> None:
    assert unquoted(quoted(text)) == text
    assert quoted(text).isprintable()


@given(st.lists(st.tuples(st.sampled_from(["ref", "src"]), HOSTILE), min_size=1, max_size=4))
def test_csv_is_read_as_it_was_written(pairs: list[tuple[str, str]]) -> None:
    import csv as reader
    import io

    [row] = reader.reader(io.StringIO(csv(*pairs), newline=""), strict=True)
    assert row == [f"{key}={value}" for key, value in pairs]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([], "[]"),
        ({}, "{}"),
        (("a", "b"), '["a", "b"]'),
        (["x" * 100], '["' + "x" * 100 + '"]'),
        (["x" * 50, "y" * 50], '[\n    "' + "x" * 50 + '",\n    "' + "y" * 50 + '",\n  ]'),
        ({"a": "1", "long": ["2"]}, '{\n    "a"    = "1"\n    "long" = ["2"]\n  }'),
        (Expression('V == "" ? null : V'), 'V == "" ? null : V'),
        (Prefixed("V", 'a"${'), '"${V}a\\"$${"'),
    ],
)
def test_values(value: object, text: str) -> None:
    assert hcl.hcl(value, "  ") == text


def test_names_are_aligned_within_a_run_of_one_line_values() -> None:
    body = hcl.render(DEFINITION, hcl.default_template()).partition('target "t" {\n')[2]
    assert body == (
        '  context = "."\n  labels = {\n    "a"   = "1"\n    "bcd" = "2"\n  }\n'
        '  tags      = ["x"]\n  platforms = ["p"]\n}\n'
    )


def test_each_run_has_a_width_of_its_own() -> None:
    attributes = (("description", "d"), ("args", {"A": "1"}), ("tags", ["x"]))
    body = hcl.Sight(Block("t", "", attributes)).body
    assert body == '  description = "d"\n  args = {\n    "A" = "1"\n  }\n  tags = ["x"]'


def test_the_template_beside_the_package_is_the_same_as_the_shipped_one() -> None:
    assert hcl.default_template() == (Path(__file__).parents[1] / hcl.TEMPLATE).read_text()


HOSTILE_WORDS = 'x"\n}\ntarget "evil" {}\r\u2028#${V}%{ if true }'


def test_nothing_of_a_stack_becomes_hcl_of_its_own(tmp_path: Path) -> None:
    words = HOSTILE_WORDS.encode("unicode_escape").decode().replace('"', '\\"').replace("\\x", "\\u00")
    bare = words.replace("{", "{{").replace("}", "}}")
    _, plan = project(
        tmp_path,
        f'''
title = "{words}"
axes.os.values = ["{words}"]
[[layers]]
name = "l"
title = "{bare}"
context = "a"
parent = "debian:12"
axes = ["os"]
labels = {{ "org.x" = "{bare}" }}
status = "deprecated"
reason = "{words}"
''',
    )
    text = emitted(plan)
    starts = [line for line in text.split("\n") if line and not line.startswith(("  ", "}", "# "))]
    assert len(re.findall("^target ", text, re.MULTILINE)) == 1
    assert all(re.fullmatch(r'(variable|group|target) "[A-Za-z0-9_-]+" \{', line) for line in starts)
    assert all(line.isprintable() for line in text.split("\n"))


@given(HOSTILE)
def test_a_comment_stays_on_its_line(text: str) -> None:
    definition = Definition((text,), (), (), (Block("t", text, (("context", "."),)),))
    rendered = hcl.render(definition, hcl.default_template())
    assert len(rendered.splitlines()) == 6
    assert rendered.isascii() or all(line.isprintable() for line in rendered.split("\n"))


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ targets[0].name }}", '"t"'),
        ("{% for t in targets %}{{ t.values['context'] }}{% endfor %}", '"."'),
        ("{{ 'a' ~ targets[0].name ~ '${x}' }}", '"at$${x}"'),
        ("{{ targets[0].comment | upper }}", '"S/L OS=A"'),
        ("# {{ targets[0].comment | comment }}", "# s/l os=a"),
        ("{{ variables[0].name | safe }}", '"V"'),
        ("{{ ['a', 'b'] }}", '["a", "b"]'),
        ("{{ groups[0].body }}", '  description = "all"\n  targets     = ["t"]'),
        ("{% for a in targets[0].attributes %}{{ a.name }}={{ a.hcl }};{% endfor %}", None),
    ],
)
def test_a_template_of_the_users_own(template: str, text: str | None) -> None:
    rendered = hcl.render(DEFINITION, template, "mine.tmpl")
    assert rendered == text or (text is None and rendered.startswith('context=".";labels={\n'))


@pytest.mark.parametrize(
    ("template", "line", "why"),
    [
        ("\n{{ targts }}", 2, "UndefinedError: 'targts' is undefined"),
        ("\n\n{{ targets[0].nam }}", 3, "has no attribute 'nam'"),
        ("{{ targets[7].name }}", 1, "UndefinedError"),
        ("{{ targets.__class__ }}", 1, "SecurityError: access to attribute '__class__'"),
        ("{{ targets[0]._attributes }}", 1, "SecurityError: access to attribute '_attributes'"),
        ("{{ ''.__class__.__mro__ }}", 1, "SecurityError"),
        ("{{ cycler.__init__.__globals__ }}", 1, "SecurityError"),
        ("{{ targets.append(1) }}", 1, "SecurityError"),
        ("{{ none }}", 1, "TypeError: no HCL for NoneType"),
        ("{{ 1.5 }}", 1, "TypeError: no HCL for float"),
        ("{{ 1 / 0 }}", 1, "ZeroDivisionError"),
        ("\n{% for %}", 2, "Expected an expression"),
        ("{% if x %}", 1, "Unexpected end of template"),
        ("{{ targets | nofilter }}", 1, "No filter named 'nofilter'"),
        ("{% include 'other' %}", 1, "no loader for this environment specified"),
        ("{% macro m() %}{{ m() }}{% endmacro %}\n{{ m() }}", 1, "RecursionError"),
        ("{{ range(10 ** 9) | list }}", 1, "OverflowError"),
    ],
)
def test_a_template_that_is_wrong_is_refused_with_its_line(template: str, line: int, why: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        hcl.render(DEFINITION, template, "mine.tmpl")
    [problem] = caught.value.problems
    assert (problem.file, problem.line) == ("mine.tmpl", line)
    assert why in problem.message


def test_json_says_the_same_and_is_read_as_templates() -> None:
    import json

    block = Block(
        "t",
        "c",
        (("context", "a${b}%{c"), ("args", {"k${": "\ufeffv", "plain": "$x"}), ("tags", [Prefixed("V", "r:1")])),
    )
    document = json.loads(hcl.render_json(Definition(("made",), DEFINITION.variables, DEFINITION.groups, (block,))))
    assert document["//"] == ["made"]
    assert document["variable"] == {"V": {"type": "string", "default": "", "description": "says"}}
    assert document["group"] == {"default": {"description": "all", "targets": ["t"]}}
    assert document["target"]["t"] == {
        "context": '${"a$${b}%%{c"}',
        "args": {'${"k$${"}': '${"\\ufeffv"}', "plain": "$x"},
        "tags": ["${V}r:1"],
    }


def test_the_same_project_gives_the_same_text(tmp_path: Path) -> None:
    stack = 'title = "T"\naxes.b.values = ["1", "2"]\n[[layers]]\nname = "a"\nparent = "x:{b}"\naxes = ["b"]\n'
    first, second = (project(tmp_path / name, stack)[1] for name in ("one", "two"))
    assert emitted(first) == emitted(second)
    assert hcl.render_json(defined(first)) == hcl.render_json(defined(second))
