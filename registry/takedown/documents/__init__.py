"""Print-ready PDFs: notices to be signed and posted, reports for people. The output is reproducible.

Typst (extra `takedown`) sets them in this process, from a template of this package. Data is never read as
markup. Typst can read only the given pictures, and has no network access. Its only fonts are its built-in
ones and Amiri. The output is PDF/A-2a: fonts are embedded, text can be searched and read aloud, and the file
can be archived.
"""

from registry.takedown.documents.documents import notice, report
from registry.takedown.documents.setting import LARGEST, set_document

__all__ = ["LARGEST", "notice", "report", "set_document"]
