"""Labels of exported documents, complete in English and French; a test compares the two.

Places are ``str.format`` fields. ``…_one`` is the singular. Interface strings of the web pages
are not here but in the application's message catalogues.
"""

from exports.labels.english import ENGLISH
from exports.labels.french import FRENCH
from exports.labels.glossary import GLOSSARY

LABELS: dict[str, dict[str, str]] = {
    "en": ENGLISH | GLOSSARY["en"],
    "fr": FRENCH | GLOSSARY["fr"],
}
