"""Versions: each scheme's order, what ranges contain, and what is said about input that is neither."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.versions import (
    SCHEMES,
    VersionError,
    compare,
    components,
    infer,
    is_prerelease,
    is_range,
    key,
    parse_range,
)

ORDERED = ("semver", "pep440", "cann", "calendar")

CHAINS = {  # each strictly ascending
    "semver": """
        0.9.0 1.0.0-0 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0
        v1.2 1.9.9 1.10-rc.1 1.10 v2.0.1 3 3.11
    """,  # the first line holds the example of SemVer 2.0.0, section 11.4
    "pep440": "2.5.dev1 2.5a1 2.5b2 2.5rc1 2.5 2.5+cpu 2.5.post1 2.6rc1 v2.6.0 2.10 3 1!1.0",
    "cann": """
        6.3.RC3 6.3.RC3.1 6.3.RC4 6.3.0 8.0.RC1.alpha001 8.0.RC1.alpha002 8.0.RC1.alpha010 8.0.RC1 8.0.RC2.alpha001
        8.0.RC2 8.0.RC3.alpha001 8.0.RC3 8.0.RC10 8.0.0.alpha001 8.0.0.alpha003 8.0.0 8.0.1 8.1.RC1.alpha001 8.1.RC1
        8.2.RC1.alpha001 8.2.RC1.alpha003 8.2.RC1 8.2.RC2 8.2.0 8.3.RC1.alpha001 8.3.RC1 8.3.RC2 8.5.0.alpha001
        8.5.0.alpha002 8.5.0 8.5.1 8.5.2 9.0.0-beta.1 9.0.0-beta.2 9.0.0 9.0.1 9.1.0-beta.1 9.1.0-beta.3
        9.1.0-beta.10 9.1.0 9.1.1 10.0.0
    """,
    "calendar": """
        20.03-lts 20.03-LTS-SP1 20.03-lts-sp4 20.09 22.03-lts 22.03-lts-sp3 22.03-lts-sp10 22.09 20240115 24.03-lts
        24.04 24.04.1 24.04.2 24.09 26.06 2026.08 2026.08.03 20260804
    """,
}


def message(text: str, scheme: str) -> str:
    with pytest.raises(VersionError) as caught:
        key(text, scheme)
    return str(caught.value)


def range_message(text: str, scheme: str) -> str:
    with pytest.raises(VersionError) as caught:
        parse_range(text, scheme)
    return str(caught.value)


# --- order -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ORDERED)
def test_a_chain_is_strictly_ascending_from_any_permutation(scheme: str) -> None:
    chain = CHAINS[scheme].split()
    for seed in range(50):
        shuffled = random.Random(seed).sample(chain, len(chain))
        assert sorted(shuffled, key=lambda text: key(text, scheme)) == chain
    for (i, low), (j, high) in itertools.product(enumerate(chain), repeat=2):
        assert compare(low, scheme, high, scheme) == (i > j) - (i < j), (low, high)


@pytest.mark.parametrize(
    ("scheme", "a", "b"),
    [
        ("cann", "8.3.rc2", "8.3.RC2"),
        ("cann", "8.2.rc1.ALPHA003", "8.2.RC1.alpha3"),
        ("cann", "8.0.RC2.beta1", "8.0.RC2"),
        ("cann", "8.0.RC3.beta1", "8.0.RC3"),
        ("cann", "8.0.0.beta1", "8.0.0"),
        ("cann", "8.5", "8.5.0"),
        ("cann", "9", "9.0.0"),
        ("cann", "9.0.0-BETA.1", "9.0.0-beta.1"),
        ("semver", "3", "3.0.0"),
        ("semver", "3.11", "v3.11.0"),
        ("semver", "1.24-rc.1", "1.24.0-rc.1"),
        ("semver", "1.2.3+build.1", "1.2.3+build.2"),
        ("semver", "1.2+cpu", "1.2.0"),
        ("pep440", "2.5", "v2.5.0"),
        ("pep440", "2.5-rc.1", "2.5rc1"),
        ("calendar", "24.03", "24.03-lts"),
        ("calendar", "24.03-LTS-SP3", "24.03-lts-sp3"),
        ("calendar", "2026.08", "26.08"),
        ("calendar", "26.8", "26.08"),
        ("calendar", "20240115", "2024.01.15"),
    ],
)
def test_spellings_of_one_version_are_equal_and_hash_alike(scheme: str, a: str, b: str) -> None:
    assert key(a, scheme) == key(b, scheme)
    assert hash(key(a, scheme)) == hash(key(b, scheme))
    assert compare(a, scheme, b, scheme) == 0


def test_from_8_5_on_a_cann_beta_precedes_its_release() -> None:
    assert compare("8.5.0.beta1", "cann", "8.5.0", "cann") == -1
    assert compare("8.5.RC1.beta1", "cann", "8.5.RC1", "cann") == -1
    assert compare("9.0.0-alpha.1", "cann", "9.0.0-beta.1", "cann") == -1
    assert compare("9.0.0-beta.9", "cann", "9.0.0-rc.1", "cann") == -1


NUMBER = st.integers(0, 12).map(str)
RELEASE = st.lists(NUMBER, min_size=1, max_size=3).map(".".join)
WORD = st.sampled_from(["alpha", "beta", "rc"])
GENERATED = {
    "semver": st.builds(
        lambda v, release, pre, build: v + release + pre + build,
        st.sampled_from(["", "v"]),
        RELEASE,
        st.one_of(
            st.just(""), st.lists(st.one_of(NUMBER, WORD), min_size=1, max_size=3).map(lambda p: "-" + ".".join(p))
        ),
        st.sampled_from(["", "+cpu", "+1"]),
    ),
    "pep440": st.builds(
        "".join,
        st.tuples(
            st.sampled_from(["", "1!"]),
            RELEASE,
            st.sampled_from(["", "a1", "b2", "rc1", "rc2"]),
            st.sampled_from(["", ".post1"]),
            st.sampled_from(["", ".dev1"]),
            st.sampled_from(["", "+cpu", "+cu128", "+1"]),
        ),
    ),
    "cann": st.one_of(
        RELEASE,
        st.builds("{}.{}.RC{}".format, NUMBER, NUMBER, NUMBER),
        st.builds("{}.{}.rc{}.{}".format, NUMBER, NUMBER, NUMBER, NUMBER),
        st.builds("{}.{}.RC{}.alpha00{}".format, NUMBER, NUMBER, NUMBER, NUMBER),
        st.builds("{}.{}.RC{}.beta1".format, NUMBER, NUMBER, NUMBER),
        st.builds("{}.{}.{}.alpha00{}".format, NUMBER, NUMBER, NUMBER, NUMBER),
        st.builds("{}.{}.{}.beta1".format, NUMBER, NUMBER, NUMBER),
        st.builds("9.{}.{}-{}.{}".format, NUMBER, NUMBER, WORD, NUMBER),
    ),
    "calendar": st.one_of(
        st.dates().filter(lambda day: day.year >= 1000).map(lambda day: day.strftime("%Y%m%d")),
        st.builds(
            "{}.{:02}{}".format,
            st.sampled_from(["20", "24", "2024", "2026"]),
            st.integers(1, 12),
            st.sampled_from(["", ".1", ".03", "-lts", "-LTS", "-lts-sp1", "-lts-sp12"]),
        ),
    ),
}


@pytest.mark.parametrize("scheme", ORDERED)
@given(data=st.data())
def test_each_scheme_is_totally_ordered(scheme: str, data: st.DataObject) -> None:
    a, b, c = (data.draw(GENERATED[scheme]) for _ in range(3))
    assert compare(a, scheme, a, scheme) == 0
    assert compare(a, scheme, b, scheme) == -compare(b, scheme, a, scheme)
    low, middle, high = sorted((a, b, c), key=lambda text: key(text, scheme))
    assert compare(low, scheme, middle, scheme) <= 0
    assert compare(middle, scheme, high, scheme) <= 0
    assert compare(low, scheme, high, scheme) <= 0
    if compare(a, scheme, b, scheme) == 0:
        assert hash(key(a, scheme)) == hash(key(b, scheme))
        assert compare(a, scheme, c, scheme) == compare(b, scheme, c, scheme)


@pytest.mark.parametrize("scheme", ORDERED)
@given(data=st.data())
def test_ranges_agree_with_the_order(scheme: str, data: st.DataObject) -> None:
    version = data.draw(GENERATED[scheme]).partition("+")[0]
    bound = data.draw(GENERATED[scheme]).partition("+")[0]
    order = compare(version, scheme, bound, scheme)
    contained = {
        sign: parse_range(sign + bound, scheme).contains(version) for sign in (">=", "<=", ">", "<", "==", "!=")
    }
    assert contained == {
        ">=": order >= 0, "<=": order <= 0, ">": order > 0, "<": order < 0, "==": order == 0, "!=": order != 0
    }  # fmt: skip


def test_different_schemes_do_not_compare() -> None:
    with pytest.raises(VersionError) as caught:
        compare("8.5.1", "cann", "8.5.1", "semver")
    assert str(caught.value) == (
        '"8.5.1" (cann) and "8.5.1" (semver) cannot be compared: each scheme has an order of its own'
    )


def test_text_knows_equality_only() -> None:
    assert compare("ubuntu", "text", "ubuntu", "text") == 0
    assert is_prerelease("ubuntu", "text") is False
    with pytest.raises(VersionError) as caught:
        compare("ubuntu", "text", "debian", "text")
    assert str(caught.value) == (
        '"ubuntu" has no order under the scheme "text": give the axis the scheme semver, pep440, cann or calendar'
    )


# --- prereleases, inference, components ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "before", "released"),
    [
        ("semver", ["1.0.0-rc.1", "1.24-0"], ["1.0.0", "v1", "1.0.0+rc1"]),
        ("pep440", ["2.5rc1", "2.5a1", "2.5.dev1", "2.5.post1.dev1"], ["2.5", "2.5.post1", "2.5+cpu"]),
        (
            "cann",
            ["8.0.RC1.alpha001", "8.0.RC1", "6.3.RC3.1", "8.5.0.alpha001", "9.0.0-beta.1", "8.0.RC2.beta1"],
            ["8.0.0", "8.0.0.beta1", "8.5", "9.0.1"],
        ),
        ("calendar", [], ["24.04", "24.09", "22.03-lts-sp3", "20240115"]),
    ],
)
def test_prereleases(scheme: str, before: list[str], released: list[str]) -> None:
    assert [text for text in before + released if is_prerelease(text, scheme)] == before


@pytest.mark.parametrize("scheme", ORDERED)
def test_prereleases_of_what_is_no_version_are_refused(scheme: str) -> None:
    with pytest.raises(VersionError):
        is_prerelease("nothing", scheme)


@pytest.mark.parametrize(
    ("names", "scheme"),
    [
        (["3.10", "3.11"], "pep440"),
        (["2.9.0", "2.10.0rc1+cpu"], "pep440"),
        (["8.1.RC1", "8.5.0"], "pep440"),
        (["3.10", "debian"], "text"),
        (["debian", "3.10"], "text"),
        (["8.2.RC1.alpha003"], "text"),
        ([], "text"),
    ],
)
def test_inference(names: list[str], scheme: str) -> None:
    assert infer(iter(names)) == scheme


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("8.2.RC1.alpha003", ("8", "2")),
        ("3.11", ("3", "11")),
        ("v2.9.0+cpu", ("2", "9", "0")),
        ("9.0.0-beta.1", ("9", "0", "0")),
        ("2.6rc1", ("2", "6")),
        ("24.04", ("24", "04")),
        ("24.03-lts-sp3", ("24", "03")),
        ("8.5.*", ("8", "5")),
        ("debian", ()),
        ("v", ()),
        (".5", ()),
        ("", ()),
        ("²", ()),
        ("1.٣", ("1",)),
    ],
)
def test_components(text: str, numbers: tuple[str, ...]) -> None:
    assert components(text) == numbers


# --- ranges ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "scheme", "inside", "outside"),
    [
        (">=2.5,<2.9", "pep440", ["2.5", "2.6rc1", "2.8.9", "2.9rc1", "2.5+cpu"], ["2.4", "2.5rc1", "2.9", "2.9+cpu"]),
        (" >= 2.5 , < 2.9.dev0 ", "pep440", ["2.5", "2.8"], ["2.9rc1", "2.9"]),
        ("!=2.6.0", "pep440", ["2.6.1", "2.6rc1"], ["2.6.0", "2.6", "2.6.0+cpu"]),
        ("==2.5.1", "pep440", ["2.5.1", "v2.5.1", "2.5.1.0", "2.5.1+cpu"], ["2.5", "2.5.1rc1", "2.5.1.post1"]),
        ("==2.9.0+cpu", "pep440", ["2.9.0+cpu", "2.9+cpu"], ["2.9.0", "2.9.0+cu128"]),
        ("!=2.9.0+cpu", "pep440", ["2.9.0", "2.9.0+cu128"], ["2.9.0+cpu"]),
        ("<=2.9.0", "pep440", ["2.9.0+cpu", "2.9.0", "2.8"], ["2.9.0.post1"]),
        (">2.9.0", "pep440", ["2.9.0.post1", "2.9.1"], ["2.9.0+cpu", "2.9.0"]),
        (">=2.9.0", "pep440", ["2.9.0+cpu", "2.9.1+cpu"], ["2.8.9+cpu"]),
        ("==2.5.*", "pep440", ["2.5", "2.5.0", "2.5.9", "2.5rc1", "2.5+cpu"], ["2.6", "2", "2.50", "1!2.5"]),
        ("==2.0.*", "pep440", ["2", "2.0.1"], ["2.1"]),
        ("!=2.5.*", "pep440", ["2.6", "2.4"], ["2.5", "2.5.1"]),
        ("2.*", "pep440", ["2", "2.0", "2.99"], ["3", "20"]),
        ("~=2.5", "pep440", ["2.5", "2.99", "2.5+cpu"], ["2.4", "2.5rc1", "3.0", "3.0rc1"]),
        ("~=2.5.1", "pep440", ["2.5.1", "2.5.9"], ["2.5.0", "2.6"]),
        ("~=1!2.5", "pep440", ["1!2.6"], ["2.6", "1!3.0"]),
        (">=8.5,<9", "cann", ["8.5.0", "8.5.2", "9.0.0-beta.1"], ["8.3.RC2", "8.5.0.alpha001", "9.0.0"]),
        ("<=8.0.RC2", "cann", ["8.0.RC2", "8.0.RC2.beta1", "8.0.RC2.alpha001"], ["8.0.RC3", "8.0.0.alpha003"]),
        ("8.5.*", "cann", ["8.5", "8.5.0", "8.5.1", "8.5.0.alpha001", "8.5.RC1"], ["8.3.RC2", "9.0.0"]),
        ("8.*", "cann", ["8.5.RC1", "8.2.RC1.alpha003", "8", "8.5.1"], ["9.0.0-beta.1", "7.0.0"]),
        ("8.0.0.*", "cann", ["8.0.0", "8.0", "8.0.0.alpha003", "8.0.0.beta1"], ["8.0.RC2", "8.0.1"]),
        ("~=8.0.RC2", "cann", ["8.0.RC2", "8.0.0", "8.5.1"], ["8.0.RC1", "9.0.0-beta.1", "9.0.0"]),
        ("==8.0.0", "cann", ["8.0.0.beta1", "8.0.0"], ["8.0.RC2"]),
        ("!=8.0.rc2", "cann", ["8.0.RC1"], ["8.0.RC2", "8.0.RC2.beta1"]),
        (">=1.2,!=1.3.0", "semver", ["1.2.0", "1.3.1", "1.3.0-rc.1"], ["1.3", "1.3.0+x", "1.2.0-rc.1"]),
        ("<2.0.0-0", "semver", ["1.9.9"], ["2.0.0-rc.1", "2.0.0"]),
        ("~=1.2.3", "semver", ["1.2.3", "1.2.9"], ["1.3.0", "1.2.3-rc.1"]),
        ("1.0.*", "semver", ["1", "1.0.5", "1.0.0-rc.1"], ["1.1"]),
        ("1.2.*,!=1.2.3", "semver", ["1.2.2"], ["1.2.3", "1.3.0"]),
        (">=22.03-lts-sp3", "calendar", ["22.03-LTS-SP4", "22.09", "2024.03"], ["22.03", "22.03-lts-sp1"]),
        ("24.*", "calendar", ["24.04", "2024.09.01", "20240115", "24.03-lts-sp1"], ["22.03", "2025.01"]),
        ("2024.04.*", "calendar", ["24.04", "24.04.1", "20240415"], ["24.09", "20240515"]),
        ("24.04.1.*", "calendar", ["24.04.1"], ["24.04", "24.04.2"]),
        ("~=24.04.1", "calendar", ["24.04.2"], ["24.04", "24.10"]),
        ("~=24.03", "calendar", ["24.03-lts-sp1", "24.09"], ["25.03"]),
        ("==debian", "text", ["debian"], ["ubuntu", "Debian"]),
        ("!= debian", "text", ["ubuntu"], ["debian"]),
        ("12.*", "text", ["12", "12.1", "12.1-x"], ["120", "11.8", "none"]),
        ("!=12.*", "text", ["none"], ["12.1"]),
    ],
)
def test_what_a_range_contains(text: str, scheme: str, inside: list[str], outside: list[str]) -> None:
    found = parse_range(text, scheme)
    assert [version for version in inside + outside if found.contains(version)] == inside
    assert parse_range(str(found), scheme) == found
    assert hash(parse_range(str(found), scheme)) == hash(found)


@pytest.mark.parametrize("text", ["!=9.9.9", "8.*", ">=1", "<1,>=9"])
def test_a_range_refuses_what_has_no_place_in_its_order(text: str) -> None:
    with pytest.raises(VersionError) as caught:
        parse_range(text, "cann").contains("9.2.0-20260918144839")
    assert str(caught.value) == (
        '"9.2.0-20260918144839" has no place in the order of CANN releases (it is a dated build): pin it by its name'
    )


def test_a_year_alone_is_a_wildcard_but_no_version() -> None:
    found = parse_range("24.*", "calendar")
    with pytest.raises(VersionError) as caught:
        found.contains("24")
    assert str(caught.value).startswith('"24" is not a calendar version: ')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (">=2.5", True),
        ("  <2", True),
        ("==x", True),
        ("!=x", True),
        ("~=2.5", True),
        ("8.5.*", True),
        ("v8.*", True),
        (" 8.5.* , !=8.5.1", True),
        ("=>2.5", True),
        ("=2.5", True),
        ("^2.5", True),
        ("8.5", False),
        ("8.5*", False),
        ("8.*.1", False),
        ("*", False),
        ("ubuntu*", False),
        ("!debian", False),
        ("²*", False),
        ("٣.*", False),
        ("", False),
    ],
)
def test_what_looks_like_a_range(text: str, expected: bool) -> None:
    assert is_range(text) is expected


# --- messages --------------------------------------------------------------------------------------------------------


FORMS = {
    "semver": 'write it as "1.2.3", "1.2" or "1.2.3-rc.1"',
    "pep440": 'write it as "2.9.0", "2.9.0rc1" or "2.9.0+cpu"',
    "calendar": 'write it as "24.04", "22.03-lts-sp3", "2026.08.03" or "20240115"',
    "cann": "pin it by its name",
    "semvar": "write one of semver, pep440, cann, calendar, text",
}


@pytest.mark.parametrize(
    ("text", "scheme", "expected"),
    [
        ("3.08", "semver", '"3.08" is not a semver version (a number begins with 0)'),
        ("1.2.3.4", "semver", '"1.2.3.4" is not a semver version'),
        ("1.2-rc..1", "semver", '"1.2-rc..1" is not a semver version'),
        ("latest", "pep440", '"latest" is not a pep440 version'),
        ("2.9\t", "pep440", '"2.9\\t" is not a pep440 version (1 to 128 ASCII characters, no spaces)'),
        ("2026.08.03", "cann", '"2026.08.03" has no place in the order of CANN releases (it is a dated build)'),
        ("2026.10.13", "cann", '"2026.10.13" has no place in the order of CANN releases (it is a dated build)'),
        (
            "8.0.RC2.beta2",
            "cann",
            '"8.0.RC2.beta2" has no place in the order of CANN releases (before 8.5 there is only beta1)',
        ),
        (
            "master",
            "cann",
            (
                '"master" has no place in the order of CANN releases (known forms are '
                '"8.5.1", "8.2.RC1", "8.2.RC1.alpha003" or "9.0.0-beta.1")'
            ),
        ),
        ("24.13", "calendar", '"24.13" is not a calendar version (there is no month 13)'),
        ("20240132", "calendar", '"20240132" is not a calendar version (there is no day 32)'),
        ("24", "calendar", '"24" is not a calendar version'),
        ("1.0", "semvar", 'unknown version scheme "semvar" (did you mean "semver"?)'),
    ],
)
def test_messages_about_versions(text: str, scheme: str, expected: str) -> None:
    assert message(text, scheme) == f"{expected}: {FORMS[scheme]}"


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("8.5.1.2", "cann"),
        ("08.5.1.alpha", "cann"),
        ("9.0.0.rc1", "cann"),
        ("8.RC1", "cann"),
        ("8.0.RC", "cann"),
        ("v8.5.1", "cann"),
        ("9.0.0-beta1", "cann"),
        ("2026.08.RC1", "cann"),
        ("24.00", "calendar"),
        ("0024.04", "calendar"),
        ("224.04", "calendar"),
        ("24.03-sp1", "calendar"),
        ("24.03-lts-sp", "calendar"),
        ("00000101", "calendar"),
        ("20241301", "calendar"),
        ("1.²", "semver"),
        ("1.٣", "pep440"),
        ("12²", "pep440"),
        ("٢٤.٠٤", "calendar"),
        ("24.04-ltſ", "calendar"),
        ("1.0\n", "semver"),
    ],
)
def test_what_is_no_version(text: str, scheme: str) -> None:
    said = message(text, scheme)
    assert FORMS[scheme] in said
    assert said.isprintable()


@pytest.mark.parametrize("scheme", ORDERED)
@pytest.mark.parametrize("text", ["", "9" * 5000, "1." * 3000 + "1", "1.0-" + "a" * 9000, "1.0-lts" * 999])
def test_empty_and_endless_versions_are_refused_briefly(text: str, scheme: str) -> None:
    assert len(message(text, scheme)) < 250


@pytest.mark.parametrize(
    ("text", "scheme", "expected"),
    [
        ("", "semver", 'the range "" has an empty clause: write one such as >=2.5,<2.9'),
        (">=2,,<3", "semver", 'the range ">=2,,<3" has an empty clause: write one such as >=2.5,<2.9'),
        ("==2,", "text", 'the range "==2," has an empty clause: write one such as >=2.5,<2.9'),
        ("=>2.5", "semver", 'the clause "=>2.5" has an unknown operator: write >='),
        ("=<2.5", "semver", 'the clause "=<2.5" has an unknown operator: write <='),
        ("=2.5", "semver", 'the clause "=2.5" has an unknown operator: write =='),
        ("===2.5", "pep440", 'the clause "===2.5" has an unknown operator: write =='),
        ("~2.5", "semver", 'the clause "~2.5" has an unknown operator: write ~='),
        ("^2.5", "semver", 'the clause "^2.5" has an unknown operator: write one of >= <= > < == != ~='),
        (">=2.5,2.9", "semver", 'the clause "2.9" has no operator: write ==2.9'),
        (">=", "semver", 'the clause ">=" has no version: write one such as >=2.5'),
        ("==", "text", 'the clause "==" has no version: write one such as ==2.5'),
        (
            ">=2.5.*",
            "semver",
            'the clause ">=2.5.*" has a wildcard, which goes with == and != only: leave out ".*"',
        ),
        ("==2.x.*", "semver", 'the clause "==2.x.*" is no wildcard: write numbers before ".*", such as 8.5.*'),
        ("~=2", "pep440", 'the clause "~=2" needs two numbers or more, as in ~=2.5: write >=2'),
        ("~=1!2", "pep440", 'the clause "~=1!2" needs two numbers or more, as in ~=2.5: write >=1!2'),
        (
            ">=2.9.0+cpu",
            "pep440",
            'the clause ">=2.9.0+cpu" orders by a local version: leave out "+cpu" (PEP 440)',
        ),
        (
            ">=jammy",
            "text",
            (
                'the clause ">=jammy" needs an order, and a name has no order under the scheme "text": '
                "write == or !=, or give the axis the scheme semver, pep440, cann or calendar"
            ),
        ),
        (">=x", "semver", '"x" is not a semver version: write it as "1.2.3", "1.2" or "1.2.3-rc.1"'),
        ("1.2.3.4.*", "semver", '"1.2.3.4" is not a semver version: write it as "1.2.3", "1.2" or "1.2.3-rc.1"'),
        (">=1", "", 'unknown version scheme "": write one of semver, pep440, cann, calendar, text'),
    ],
)
def test_messages_about_ranges(text: str, scheme: str, expected: str) -> None:
    assert range_message(text, scheme) == expected


# --- hostile text ----------------------------------------------------------------------------------------------------

TRICKY = st.text(alphabet="0189.v!+-*<>=~^, abcdehlprstRCLTSP²٣ſK\n\0\ud800", max_size=24)
HOSTILE = st.one_of(st.text(), TRICKY, st.builds("{}{}".format, st.sampled_from([">=", "==", "~=", "<"]), TRICKY))


@pytest.mark.parametrize("scheme", SCHEMES)
@given(text=HOSTILE, other=HOSTILE)
def test_any_text_gives_a_result_or_a_version_error(scheme: str, text: str, other: str) -> None:
    assert infer([text]) in {"pep440", "text"}
    assert all(number.isascii() and number.isdigit() for number in components(text))
    assert is_range(text) in {True, False}
    questions: list[Callable[[], object]] = [
        lambda: key(text, scheme),
        lambda: compare(text, scheme, other, scheme),
        lambda: is_prerelease(text, scheme),
        lambda: parse_range(text, scheme).contains(other),
        lambda: parse_range(">=1.2", scheme).contains(text),
    ]
    for question in questions:
        said = ""
        try:
            question()
        except VersionError as error:
            said = str(error)
        assert said.isprintable()
