"""One exchange in a form to take away: as text, or as code that makes the same request again.

Each form is a module with one `Form`; ``registry`` has them in the order of the menu. All are pure:
an exchange in, text out. What a form cannot say as it was (cut, overwritten, not to be encoded) it
says in a comment; nothing of what came from the network stands in a comment, and nothing a terminal
obeys anywhere.
"""

from asgitrace.export.forms.model import Form
from asgitrace.export.forms.registry import BY_NAME, FORMS

__all__ = ["BY_NAME", "FORMS", "Form"]
