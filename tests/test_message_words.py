"""The words of the messages, as laws: every fault has a remedy, nothing speaks of Python, and one thing has one word in Chinese."""

from __future__ import annotations

import ast
import re

from tests.test_messages import CATALOGUE, FILES, ROOT, calls

PAIRS = {row["en"]: row["zh"] for row in CATALOGUE}
OF_PYTHON = re.compile(
    r"\b(NaN|nan|None|NoneType|null|dtype|\w*DataFrame|ndarray|tuple|dict|float\d*|int\d*|bool|boolean|str|kwargs|regex|[Ee]xception|[Tt]raceback)\b"
)
"""Words of those who write programs; what is quoted may be one."""
TERMS = {
    r"unit\(s\)": "单元",
    r"\bscenarios?\b": "方案",
    "candidate": "候选",
    "population": "人口",
    r"\bdemand points?\b": "居住点",
    "unassigned": "未落位",
    r"\bbases?\b(?! year)": "基数",
    r"\breadings\b": "口径",
    "coordinate system": "坐标系",
    r"\bkm\b": "千米",
    "polygon": "面",
    "raster": "栅格",
    r"\bfolder\b": "文件夹",
    r"\bshortfall": "缺口",
    "household": "户",
}
"""What a thing is called in English, and the one word for it in Chinese."""
STRAYS = re.compile("公里|未归属|全部单元|人口口径|更正|情景|场景|网点|非法|无效值|缺失值|空值|字符串|数组|异常|默认参数")
"""Words for which the catalogue has another, and words of programmers."""
QUOTED = re.compile(r"""`[^`]*`|"[^"]*"|'[^']*'|\{[^{}]*\}|\[[a-z_.]+\]|\w+\.(?:toml|html|md)""")


def bare(text: str) -> str:
    """A pattern without fields and without what stands for itself: keys, files, words to write."""
    return QUOTED.sub(" ", text)


def test_every_error_and_every_warning_has_a_remedy() -> None:
    """Also those that are given as a pair of fault and remedy, `error(where, *fault)`."""
    bare_calls = []
    for path in FILES:
        for name, node in calls(path):
            if name not in ("error", "warning") or not isinstance(node.func, ast.Attribute):
                continue
            told = [
                *node.args[2:3],
                *(k.value for k in node.keywords if k.arg == "remedy"),
                *(a for a in node.args if isinstance(a, ast.Starred)),
            ]
            if not told or (isinstance(told[0], ast.Constant) and not told[0].value):
                bare_calls.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert bare_calls == []


def test_no_message_speaks_of_python() -> None:
    assert [text for text in (*PAIRS, *PAIRS.values()) if OF_PYTHON.search(bare(text))] == []


def test_one_thing_has_one_word_in_chinese() -> None:
    assert [(en, term) for en, zh in PAIRS.items() for term in TERMS if re.search(term, bare(en)) and TERMS[term] not in zh] == []
    assert [zh for zh in PAIRS.values() if STRAYS.search(zh)] == []


def test_a_sentence_ends_in_chinese_as_it_ends_in_english() -> None:
    """A fault has no stop, as the remedy follows it; a remedy is a sentence."""
    ends = {".": "。", ":": "：", ";": "；"}
    marks = {en: "" if en.endswith("...") else ends.get(en[-1], "") for en in PAIRS if not en.endswith("?")}
    assert [en for en, mark in marks.items() if not PAIRS[en].endswith(mark)] == []
    assert [en for en, mark in marks.items() if not mark and PAIRS[en].endswith(("。", "；", "，"))] == []
    assert [en for en, zh in PAIRS.items() if en.endswith("?") and not re.search("？|请选择", zh)] == []


def test_a_fault_is_part_of_a_sentence_and_a_remedy_is_one() -> None:
    """So that `{where}: {what}. {remedy}` reads as it should."""
    faults: list[str] = []
    remedies: list[str] = []
    for path in FILES:
        for name, node in calls(path):
            if name in ("error", "warning", "note") and isinstance(node.func, ast.Attribute):
                for texts, said in zip((faults, remedies), node.args[1:3], strict=False):
                    if isinstance(said, ast.Call) and said.args and isinstance(said.args[0], ast.Constant):
                        texts.append(str(said.args[0].value))
    assert len(faults) > 50 < len(remedies)
    assert [text for text in faults if text.endswith((".", ";", ","))] == []
    assert [text for text in remedies if not text.endswith((".", "?"))] == []
