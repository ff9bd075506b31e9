"""Print-ready PDFs: notices to be signed and posted, reports for people. The same input gives the same bytes.

Typst sets them (extra `takedown`), in this process, from a template of this package and data that is never
read as markup. It may read nothing but the pictures given, uses no network and no face but its own and Amiri.
What is made is PDF/A-2a: the faces are inside, text can be searched, read aloud and kept.
"""

from registry.takedown.documents.documents import notice, report
from registry.takedown.documents.setting import LARGEST, set_document

__all__ = ["LARGEST", "notice", "report", "set_document"]
