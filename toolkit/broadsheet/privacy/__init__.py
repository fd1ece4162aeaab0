"""Privacy: what stands in a release in place of addresses, numbers and names of persons.

Masks keep the length of what they cover, in code points, and are put into the text of a page before anything else
looks at it: so every offset, record, rejection and document that follows from it shows the mask. Nothing here claims
that all of it is found.
"""

from broadsheet.privacy.comments import hide_authors, without_author
from broadsheet.privacy.masker import AUTHOR, MASKS, Masker, masks_in
from broadsheet.privacy.settings import Privacy

__all__ = ["AUTHOR", "MASKS", "Masker", "Privacy", "hide_authors", "masks_in", "without_author"]
