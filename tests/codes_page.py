"""``python -m tests.codes_page``: the page that lists every code, from the one place that defines them."""

import sys

from wizard.text import Texts
from wizard.ui.report.codes import codes_page

if __name__ == "__main__":
    sys.stdout.write(codes_page(Texts("en")))
