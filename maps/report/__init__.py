"""What is printed and filed: the A3 sheet (`sheet_a3.pdf`, `sheet_a3.png`) and the brief (`brief.docx`). Needs the extra `report`."""

from importlib.util import find_spec

FORMATS = ("sheet", "sheet_picture", "brief")
"""forms of output that are made here"""
_NEEDED = ("matplotlib", "matplotlib_scalebar", "docx")


def is_installed() -> bool:
    """Whether the packages of the extra `report` are there."""
    return all(find_spec(name) for name in _NEEDED)
