"""Query parameters of every list in the API: page size and cursor."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

PageSize = Annotated[int, Query(ge=1, le=200)]
After = Annotated[str | None, Query(max_length=200, description="`next` of the page before")]
