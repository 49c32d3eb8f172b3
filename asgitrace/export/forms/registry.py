"""The forms there are."""

from typing import Final

from asgitrace.export.forms import curl, httpx, text, websockets
from asgitrace.export.forms.model import Form

FORMS: Final[tuple[Form, ...]] = (text.FORM, curl.FORM, httpx.FORM, websockets.FORM)
"""In the order in which they are offered."""

BY_NAME: Final = {form.name: form for form in FORMS}
