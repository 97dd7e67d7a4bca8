"""Cells of CSV files: no formulas, and nothing is lost."""

from __future__ import annotations

import pytest

from mailgw.lib.csv_export import plain_cell, safe_cell


@pytest.mark.parametrize("text", ["=1+1", "+62", "-1", "@x", " =1", "\t=1", "＝1", "'=1", "''=1"])
def test_a_formula_is_text_and_comes_back(text: str) -> None:
    safe = safe_cell(text)
    assert safe == f"'{text}"
    assert plain_cell(safe) == text


@pytest.mark.parametrize("text", ["", "PT Satu", "'t Hart", "O'Neil", "192.0.2.0/24", "::/0", "'"])
def test_other_text_stays(text: str) -> None:
    assert safe_cell(text) == text
    assert plain_cell(text) == text
