"""The names of the linter's rules, and what each is about."""

from __future__ import annotations

from collections.abc import Mapping

RULES: Mapping[str, str] = {
    "arch-not-in-base": "An image is to be built for an architecture that its base is not built for.",
    "base-os": "The base holds another openEuler than the tag says.",
    "case-mismatch": "The path's case differs from the file's.",
    "dangling-path": "The path leads to no file.",
    "dead-base": "The base is a tag that this tree no longer declares.",
    "dockerfile": "The Dockerfile cannot be read.",
    "duplicate-key": "A key stands twice.",
    "illegal-tag": "The tag is none that registries accept.",
    "image-list": "The scene's image-list.yml lacks an image, or leads elsewhere.",
    "invented-tag": "No entry names the Dockerfile, so EulerPublisher makes a tag up.",
    "latest-claims": "EulerPublisher moves latest to more than one Dockerfile of the image.",
    "local-registry": "The base is in a registry that only one machine or network reaches.",
    "missing-path": "A tag has no path.",
    "never-produced": "EulerPublisher never gets from the Dockerfile to the tag.",
    "os-mismatch": "The tag's openEuler suffix is not that of the path.",
    "os-suffix": "The tag does not end in an openEuler version.",
    "path-shape": "The path is not <version>/<os>/Dockerfile.",
    "rolling-base": "The base is a tag of openEuler that moves.",
    "root-relative-path": "The path starts above the image's folder, such as at the repository's root.",
    "shadowed-key": "An earlier key has the same path, and the first one wins.",
    "unknown-arch": "The architecture is none that EulerPublisher builds.",
    "unknown-key": "The key means nothing there.",
    "unreadable": "The file cannot be read.",
    "version-mismatch": "The tag's version is not that of the path.",
    "wrong-type": "The value is not of the kind that stands there.",
    "yaml": "The file is no YAML.",
}
