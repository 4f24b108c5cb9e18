"""The real BuildKit gives an image the labels that bakegen reads in its Dockerfile, also after it wrote there."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from collections.abc import Mapping

import pytest

from bakegen.dockerfile.edit import add_labels
from bakegen.dockerfile.labelled import describe

pytestmark = pytest.mark.engine

HOSTILE = {
    "k": 'a "b" $c ${d} \\ ` end\\',
    "b": "",
    'q"u$o\\t`e': "x",
    "multi": "changed",
    "unicode": "é \u2028 \u3000 ö",
    "quote": "it's <<EOF # no",
    "tab": "a\tb",
}
TEXTS = {
    "forms": 'FROM scratch\nLABEL a=1 \'b c\'=\'2 $X\' "d"="3\\"\\$\\\\"\nlabel old one  two \nLABEL a=4\n',
    "variables": "ARG G=g\nFROM scratch\nARG G\nARG V=1\nENV E=$V-$G\nLABEL a=$E b=${V}x c=${V:+y}\n",
    "continuations": 'FROM scratch\nLABEL multi="x\\\n y" \\\n# comment\n  a=1 \\\n\n  b=2\n',
    "at the end": "FROM scratch\nUSER u\nENV A=1 \\\n  B=2 \\\n# vim: x",
    "no line end": "FROM scratch\n# vim: ft=dockerfile",
    "backtick": '# escape=`\nFROM scratch\nLABEL a=`\n1 multi="c`"\\"\nENV P=C:\\\n',
    "mark and returns": "\ufeffFROM scratch\r\nLABEL multi=1 \\\r\n  b=2\r\nUSER u",
    "stages": "FROM scratch AS one\nLABEL a=1 k=1\nONBUILD LABEL o=$E u=2\nENV E=9\nFROM one AS two\nLABEL u=3\n",
    "heredoc": "FROM scratch\nCOPY <<EOF /x\nFROM y\nLABEL k=2\nEOF\nLABEL k=1",
    "onbuild": "FROM scratch\nONBUILD LABEL k=1\nLABEL b='\\n'\n",
}


def built(text: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The labels of the image that BuildKit makes of a Dockerfile without a context."""
    done = subprocess.run(
        ["docker", "buildx", "build", "--provenance=false", "--output=type=oci,dest=-", "-"],
        env=dict(environment),
        input=text.encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:

        def member(name: str) -> dict[str, object]:
            file = tar.extractfile(name)
            assert file is not None
            found: dict[str, object] = json.load(file)
            return found

        def blob(descriptor: object) -> dict[str, object]:
            assert isinstance(descriptor, dict)
            return member("blobs/" + str(descriptor["digest"]).replace(":", "/"))

        manifests = member("index.json")["manifests"]
        assert isinstance(manifests, list)
        config = blob(blob(manifests[0])["config"])["config"]
        assert isinstance(config, dict)
        labels: dict[str, str] = config.get("Labels") or {}
        return labels


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_labels_read_and_written(text: str, engine_env: Mapping[str, str]) -> None:
    assert built(text, engine_env) == describe(text).values()
    edited = add_labels(text, HOSTILE)
    assert built(edited, engine_env) == describe(edited).values() == describe(text).values() | HOSTILE
