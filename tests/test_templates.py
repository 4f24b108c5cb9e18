"""The strings that hold axes, fields and filters."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bakegen.templates import FILTERS, Hole, TemplateError, bind, parse

AXES = ("os", "cann")
FIELDS: dict[str, dict[str, tuple[str, ...]]] = {
    "os": {"name": ("ubuntu22.04", "openeuler24.03"), "version": ("22.04", "24.03-lts-sp3"), "image": ("u:1", "o:2")},
    "cann": {"name": ("8.1.RC1", "8.5.1"), "version": ("8.1.RC1", "8.5.1")},
    "chip": {"name": ("a3",), "version": ("a3",)},
}
CONSTANTS = {"stack": "ascend", "layer": "sdk"}


def rendered(text: str, *combination: int) -> str:
    return bind(text, CONSTANTS, AXES, FIELDS)(combination or (0, 0))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("plain", "plain"),
        ("", ""),
        ("{os}", "ubuntu22.04"),
        ("{ os }", "ubuntu22.04"),
        ("{os.version}-{cann|lower}", "22.04-8.1.rc1"),
        ("{stack}/{layer|upper}", "ascend/SDK"),
        ("{cann|minor}{cann|major}", "8.18"),
        ("{os.version|nodot}{os.version | dash}", "220422-04"),
        ("{os|slug}", "ubuntu22_04"),
        ("{{os}} {{{os}}}", "{os} {ubuntu22.04}"),
        ("${{x}} %{{y}}", "${x} %{y}"),
        ("{cann|lower|slug}", "8_1_rc1"),
    ],
)
def test_rendering(text: str, result: str) -> None:
    assert rendered(text) == result


def test_each_combination_has_its_own_values() -> None:
    assert rendered("{os.image} {cann}", 1, 1) == "o:2 8.5.1"
    assert (
        bind("{os.version|oe}", {}, ("os",), {"os": {"name": ("x",), "version": ("24.03-lts-sp3",)}})((0,))
        == "oe2403sp3"
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{chp}", 'unknown axis "chp"'),
        ("{cnn}", 'unknown axis "cnn" (did you mean "cann"?)'),
        ("{chip}", 'axis "chip" is not among this layer\'s axes (os, cann)'),
        ("{os.imag}", 'no value of axis "os" has a field "imag" (did you mean "image"?)'),
        ("{os|lowr}", 'unknown filter "lowr" (did you mean "lower"?)'),
        ("{stack.x}", '"stack" has no fields'),
        ("{", '"{" stands alone: write "{{"'),
        ("a}", '"}" stands alone: write "}}"'),
        ("{}", '"{}" is no name'),
        ("{os..x}", '"{os..x}" is no name'),
        ("{os|}", '"{os|}" is no name'),
        ("{os|major}", 'filter "major" needs a version, not "ubuntu22.04"'),
        ("{os|oe}", 'filter "oe" needs an openEuler version'),
    ],
)
def test_what_is_no_template(text: str, why: str) -> None:
    with pytest.raises(TemplateError, match=re.escape(why)):
        rendered(text)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("24.03-lts-sp3", "oe2403sp3"),
        ("22.03-LTS", "oe2203lts"),
        ("24.09", "oe2409"),
        ("openeuler22.03-lts-sp4", "oe2203sp4"),
    ],
)
def test_the_short_form_of_openeuler(text: str, result: str) -> None:
    assert FILTERS["oe"](text) == result


def test_a_moving_name_of_openeuler_is_refused() -> None:
    with pytest.raises(TemplateError, match="is a moving name"):
        FILTERS["oe"]("24.03")


def test_a_filter_may_refuse_values_that_nobody_asks_for() -> None:
    fields = {"v": {"name": ("1.2", "main"), "version": ("1.2", "main")}}
    assert bind("{v|minor}", {}, ("v",), fields, {"v": {0}})((0,)) == "1.2"
    with pytest.raises(TemplateError, match='needs a version with two numbers, not "main"'):
        bind("{v|minor}", {}, ("v",), fields)


@given(st.text())
def test_doubled_braces_are_the_text_itself(text: str) -> None:
    doubled = text.replace("{", "{{").replace("}", "}}")
    assert bind(doubled, {}, (), {})(()) == unicodedata.normalize("NFC", text)


@given(st.text("{}|. ao", max_size=12))
def test_every_text_is_a_template_or_refused_with_a_reason(text: str) -> None:
    try:
        parts: tuple[object, ...] = parse(text)
    except TemplateError as error:
        parts = (str(error),)
    assert parts
    assert all(isinstance(part, str | Hole) for part in parts)


@given(st.text(max_size=5), st.text(max_size=5), st.text(max_size=5))
@example("e", "\u0301", "")
@example("", "\u1100", "\u1161")
def test_what_is_put_together_is_composed(before: str, value: str, after: str) -> None:
    fields = {"v": {"name": (value,), "version": (value,)}}
    text = (before + "\0" + after).replace("{", "{{").replace("}", "}}").replace("\0", "{v}", 1)
    if "\0" in before:
        return
    assert bind(text, {}, ("v",), fields)((0,)) == unicodedata.normalize("NFC", before + value + after)
