"""The brief and the A3 sheet: the figures of the workbook, the same bytes twice, and plain words where something is missing."""

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.saying import in_language
from layers.study_area import Source
from maps import report
from maps.credits import OSM_CREDIT, credits_of
from maps.numbers import shown, shown_yuan
from maps.outputs import Outputs
from maps.page.render import content
from maps.publishing.manifest import PublishError
from maps.result import result_of
from maps.tables.plan_reasons import told_of_plan
from maps.tables.run_tables import key_figures, statements
from maps.tables.shown import code_word
from maps.words import words
from maps.wrapping import cut, width_of, wrapped
from planner.assessment import Assessment
from tests.comparisons import without_sites
from tests.small_assessment import small_assessment

pytest.importorskip("docx", reason="the extra `report` is not installed")
pytest.importorskip("matplotlib", reason="the extra `report` is not installed")

import docx
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from maps.report import brief, drawing, figures, fills, fonts, office, sheet


@pytest.fixture(scope="module")
def assessment() -> Assessment:
    if not fonts.known_family():
        pytest.skip("no font with Chinese characters on this machine (Debian: fonts-noto-cjk)")
    return small_assessment()


def _texts(path: Path) -> list[str]:
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [*(paragraph.text for paragraph in document.paragraphs), *cells]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_brief_says_of_every_rule_what_the_tables_say(assessment: Assessment, tmp_path: Path, language: str) -> None:
    brief.write_brief(assessment, tmp_path / "brief.docx", language=language)
    brief.check_brief(tmp_path / "brief.docx")
    text = "\n".join(_texts(tmp_path / "brief.docx"))
    for rule in assessment.rules:
        if rule.kind in ("attestation", "site_rule"):
            continue
        assert (rule.marked_title if language == "zh" else rule.marked_title_en) in text
        for finding in (assessment.before, assessment.after):
            verdict = finding.verdicts[(finding.verdicts["rule_id"] == rule.full_id) & (finding.verdicts["reading"] == "")].iloc[0]
            assert code_word(str(verdict["verdict"]), "verdict", language) in text
    for row in key_figures(assessment).frame.to_dict("records"):
        for state in ("before", "after"):
            unit, value = str(row["unit"]), float(row[state])
            assert (shown_yuan(value, language)[0] if unit == "yuan" else shown(value, unit)) in text
    for name in assessment.proposals["name"]:
        assert name in text
    for question in assessment.open_questions:
        assert (question.asks_zh if language == "zh" else question.asks_en) in text


def test_the_brief_can_be_restyled(assessment: Assessment, tmp_path: Path) -> None:
    brief.write_brief(assessment, tmp_path / "brief.docx", language="zh")
    document = docx.Document(str(tmp_path / "brief.docx"))
    cells = {paragraph.style.name for table in document.tables for row in table.rows for cell in row.cells for paragraph in cell.paragraphs}
    used = {paragraph.style.name for paragraph in document.paragraphs}
    assert used <= {"Title", "Subtitle", "Heading 1", "Heading 2", "Normal", "Caption", "List Bullet", "Lead", "Picture"}
    assert cells == {"Table Text", "Table Head", "Table Figure", "Table Figure Head"}
    assert {table.style.name for table in document.tables} == {office.TABLE_STYLE}
    for name in used | cells | {"Footer"}:
        fonts_of_text = document.styles[name].element.rPr.rFonts.attrib
        assert {office.CHINESE, office.LATIN} <= set(fonts_of_text.values()), name
    body = document.element.body
    assert body.xpath(".//w:rPr | .//w:tcPr/w:shd | .//w:tcPr/w:tcBorders | .//w:tblPr/w:tblBorders") == []  # nothing is painted by hand
    assert {child.tag.rpartition("}")[2] for properties in body.xpath(".//w:pPr") for child in properties} == {"pStyle"}


def test_every_page_of_the_brief_has_its_number_and_rows_are_not_parted(assessment: Assessment, tmp_path: Path) -> None:
    brief.write_brief(assessment, tmp_path / "brief.docx", language="en", review_number="GS(2026)1号")
    document = docx.Document(str(tmp_path / "brief.docx"))
    footer = document.sections[0].footer
    assert footer.part.element.xpath(".//w:fldSimple/@w:instr") == ["PAGE"]
    assert footer.paragraphs[0].text.startswith(words("en")["page.internal"])
    body = document.element.body
    assert len(body.xpath(".//w:trPr/w:cantSplit")) == len(body.xpath(".//w:tr"))
    assert len(body.xpath(".//w:tr[1]/w:trPr/w:tblHeader")) == len(body.xpath(".//w:tblHeader")) == len(document.tables)
    for table in document.tables:
        assert sum(cell.width.cm for cell in table.rows[0].cells) == pytest.approx(office.TEXT_WIDTH_CM, abs=0.02)
    assert document.paragraphs[-1].text.endswith("Map review number: GS(2026)1号")
    assert len(body.xpath(".//wp:docPr[@descr != '']")) == len(document.inline_shapes) > 1


def test_a_source_of_openstreetmap_is_credited_beside_every_map(assessment: Assessment, tmp_path: Path) -> None:
    assert credits_of(assessment.before.area.sources) == ()
    told = Source(
        "streets", "a place", "", 9, "downloaded from OpenStreetMap (ODbL 1.0, © OpenStreetMap contributors); a later run may differ"
    )
    assert credits_of((told,)) == (OSM_CREDIT,)
    area = replace(assessment.before.area, sources=(Source("facilities", "data/town.osm.pbf", "0" * 64, 3),))
    mapped = replace(assessment, before=replace(assessment.before, area=area))
    brief.write_brief(mapped, tmp_path / "brief.docx", language="en")
    assert OSM_CREDIT in docx.Document(str(tmp_path / "brief.docx")).paragraphs[-1].text
    with sheet.style():
        for figure in sheet.sheets(mapped, "zh", ""):
            assert any(OSM_CREDIT in text.get_text() for text in figure.texts)


def test_figures_stand_with_their_unit_as_people_say_it() -> None:
    assert figures.with_unit(1.0, "facilities", "en") == "1 facility"
    assert figures.with_unit(2.0, "facilities", "en") == "2 facilities"
    assert figures.with_unit(1.0, "facilities", "zh") == "1 处"
    assert figures.with_unit(float("nan"), "facilities", "en") == "—"
    assert figures.with_unit(120_000.0, "yuan", "zh") == "12 万元"
    assert figures.change(9026.0, 7594.0, "people", "en") == "9,026 → 7,594 people"
    assert figures.change(5.0, 5.0, "people", "zh") == "5 人"
    assert figures.change(float("nan"), float("nan"), "m2", "en", at_least=(True, True)) == "—"
    assert figures.change(8965.0, float("nan"), "m2", "en", at_least=(True, True)) == "≥ 8,965 → — m²"
    assert figures.capital("pop_total of a.csv") == "pop_total of a.csv"
    assert figures.clause_of("Plan", "一", "en") == "Plan, clause 一"


@given(st.text(alphabet="ab 二三（）", max_size=80), st.integers(6, 20), st.integers(1, 4))
def test_lines_hold_what_they_can_and_lose_no_letter(text: str, width: int, most: int) -> None:
    lines = wrapped(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width_of(line) <= width for line in (*lines, *wrapped(text, width, most), cut(text, width)))
    assert len(wrapped(text, width, most)) <= most
    assert cut(text, width) == " ".join(text.split()) or cut(text, width).endswith("…")


def test_names_on_a_map_do_not_meet(assessment: Assessment) -> None:
    """Units of one place at one point: one name has room, and two more above and below it."""
    area = assessment.before.area
    towns = area.places("township")
    same = [towns.iloc[:1].assign(unit_id=f"t{n}") for n in range(5)]
    crowded = gpd.GeoDataFrame(pd.concat([area.units[area.units["level"] != "township"], *same], ignore_index=True), crs=area.crs)
    with sheet.style():
        figure = Figure(figsize=(4, 4))
        axes = figure.add_axes((0, 0, 1, 1))
        drawing.frame(axes, drawing.bounds_of(area))
        drawing.names(axes, replace(area, units=crowded), FontProperties(), 8.0, assessment.proposals.iloc[:0])
        assert len(axes.texts) == 3


def test_the_same_assessment_gives_the_same_bytes(assessment: Assessment, tmp_path: Path) -> None:
    for number in (1, 2):
        brief.write_brief(assessment, tmp_path / f"{number}.docx", language="zh")
        sheet.write_sheet_pdf(assessment, tmp_path / f"{number}.pdf", language="zh")
        sheet.write_sheet_png(assessment, tmp_path / f"{number}.png", language="zh")
    for kind in ("docx", "pdf", "png"):
        assert (tmp_path / f"1.{kind}").read_bytes() == (tmp_path / f"2.{kind}").read_bytes(), kind
    assert [path for path in tmp_path.iterdir() if path.name.startswith("draft")] == []


def test_names_are_text_and_nothing_else(assessment: Assessment, tmp_path: Path) -> None:
    name = '<w:p>$x$ & {{7*7}} \x0b"</w:t>'
    proposals = assessment.proposals.assign(name=name)
    hostile = replace(assessment, proposals=proposals, title={"zh": name, "en": name})
    brief.write_brief(hostile, tmp_path / "brief.docx", language="zh")
    sheet.write_sheet_png(hostile, tmp_path / "sheet.png", language="zh")
    assert name.replace("\x0b", "") in _texts(tmp_path / "brief.docx")
    with zipfile.ZipFile(tmp_path / "brief.docx") as parts:
        assert not any("vba" in part.lower() or "embed" in part.lower() for part in parts.namelist())


def test_the_sheet_has_a_page_for_the_plan_and_one_for_every_failed_rule(assessment: Assessment, tmp_path: Path) -> None:
    shown_rules = list(sheet.rules_to_show(assessment))
    assert [(rule.id, level) for rule, level in shown_rules] == [("circle", "village"), ("land", "village"), ("centre", "township")]
    sheet.write_sheet_pdf(assessment, tmp_path / "sheet.pdf", language="en")
    sheet.check_sheet(tmp_path / "sheet.pdf")
    data = (tmp_path / "sheet.pdf").read_bytes()
    assert data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") == 1 + len(shown_rules)
    assert b"CreationDate" not in data


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_character_of_the_sheet_has_a_glyph(assessment: Assessment, language: str, recwarn: pytest.WarningsRecorder) -> None:
    with sheet.style():
        for figure in sheet.sheets(assessment, language, "GS(2026)1号"):
            figure.draw_without_rendering()
            assert any("GS(2026)1号" in text.get_text() for text in figure.texts)
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]


def test_a_blank_is_left_for_the_review_number(assessment: Assessment) -> None:
    with sheet.style():
        figure = next(sheet.sheets(assessment, "zh", ""))
    assert any("审图号" in text.get_text() and "＿" in text.get_text() for text in figure.texts)


def test_units_are_filled_as_their_verdict_says(assessment: Assessment) -> None:
    land = next(rule for rule in assessment.rules if rule.id == "land")
    for state, finding in (("before", assessment.before), ("after", assessment.after)):
        fill = fills.rule_fill(assessment, land, "village", state, "en")
        rows = finding.measures[(finding.measures["rule_id"] == land.full_id) & (finding.measures["reading"] == "")]
        verdicts = dict(zip(rows["unit_id"], rows["verdict"], strict=True))
        for unit_id, number in zip(fill.unit_ids, fill.of_class, strict=True):
            assert fill.classes[number].text.startswith(words("en")[f"verdict.{verdicts[unit_id]}"])
    assert len(drawing.swatches(fill)) == len(fill.classes)


def test_a_machine_without_a_chinese_font_is_told_what_to_install(
    assessment: Assessment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    with pytest.raises(PublishError, match="fonts-noto-cjk") as told:
        sheet.write_sheet_png(assessment, tmp_path / "sheet.png", language="zh")
    assert "请安装" in in_language(told.value.args[0], "zh")


def test_a_font_that_was_installed_after_the_list_was_made_is_found(assessment: Assessment, monkeypatch: pytest.MonkeyPatch) -> None:
    assert assessment is not None
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [e for e in font_manager.fontManager.ttflist if e.name == "DejaVu Sans"])
    assert fonts.chinese_family() in fonts.FAMILIES


def test_a_form_whose_packages_are_missing_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "is_installed", lambda: False)
    with pytest.raises(ValueError, match=r"brief needs packages that are not installed: pip install 'quarterhour\[report\]'"):
        Outputs(folder="out", formats=("page", "brief"))
    assert Outputs(folder="out", formats=("page",)).formats == ("page",)


@pytest.mark.parametrize("name", ["sheet.pdf", "sheet.png"])
def test_a_half_written_sheet_is_noticed(assessment: Assessment, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    (sheet.write_sheet_pdf if path.suffix == ".pdf" else sheet.write_sheet_png)(assessment, path, language="zh")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(PublishError, match="cannot be read back"):
        sheet.check_sheet(path)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_where_nothing_is_proposed_every_output_says_why(tmp_path: Path, language: str) -> None:
    found = without_sites()
    (why,) = [in_language(line, language) for line in told_of_plan(found)]
    brief.write_brief(found, tmp_path / "brief.docx", language=language)
    assert figures.capital(why) in _texts(tmp_path / "brief.docx")
    with sheet.style():
        page = next(iter(sheet.sheets(found, language, "")))
        on_paper = [text.get_text() for axes in page.axes for text in axes.texts]
    assert words(language)["proposals.none"] in on_paper
    assert figures.capital(why) in " ".join(on_paper)
    on_the_page: Any = content(found)
    assert [told[language] for told in on_the_page["choice"]["told"]] == [why]
    assert result_of(found)["choice"]["told_zh" if language == "zh" else "told"] == [why]
    rows = statements(found).frame
    assert rows.loc[rows["kind"] == "plan", "text_zh" if language == "zh" else "text"].tolist() == [why]


def test_the_sheet_lists_whom_each_site_is_for(assessment: Assessment) -> None:
    with sheet.style():
        page = next(iter(sheet.sheets(assessment, "zh", "")))
        on_paper = [text.get_text() for axes in page.axes for text in axes.texts]
    at = on_paper.index("60岁及以上")
    assert on_paper[at + 1 : at + 3] == ["400", "150"]
