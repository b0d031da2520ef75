#!/usr/bin/env python3
"""Makes the hostile data files of this pack.

    make.py             writes the small files into files/, where they are kept
    make.py --check     tells whether files/ holds what this script writes
    make.py --large DIR writes the large ones into DIR; they are made anew for each test run

Only the standard library is used, and nothing of the clock or of chance. What stays as it
is: files/good.parquet and files/nan.parquet, which the project's own Parquet library wrote.
pack.toml says what each file must lead to.
"""

import io
import os
import struct
import sys
import zipfile
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILES = HERE / "files"

# ---------------------------------------------------------------- text

HEAD = "代码,投资额\n"
GOOD = "A1,1000000\nA2,2000000\n"

TEXTS = {
    # Nothing in it.
    "empty.csv": "",
    "blank.csv": " \n\n\t\n",
    "bom-only.csv": "\ufeff",
    # Rows that do not fit.
    "ragged-short.csv": HEAD + GOOD + "A3\n",
    "ragged-long.csv": HEAD + GOOD + "A3,3000000,是\n",
    "comma-in-number.csv": HEAD + GOOD + "A3,3,000,000\n",
    "unclosed.csv": HEAD + 'A1,1000000\nA2,"2000000\nA3,3000000\n',
    "text-behind-quote.csv": HEAD + 'A1,"100"0000\nA2,2000000\n',
    "semicolons.csv": "代码;投资额\nA1;1000000\n",
    "tabs.csv": "代码\t投资额\nA1\t1000000\n",
    # Headers.
    "no-header.csv": GOOD,
    "header-twice.csv": "代码,投资额,投资额\nA1,1000000,2000000\n",
    "header-alias-twice.csv": "代码,投资额,capex\nA1,1000000,2000000\n",
    "header-width-twice.csv": "代码,投资额（万元）,投资额(万元)\nA1,100,200\n",
    "header-year-twice.csv": "代码,2023年营业收入,营业收入（2023）\nA1,1,2\n",
    "header-unknown-twice.csv": "代码,投资额,备注,备注\nA1,1000000,甲,乙\n",
    "header-near.csv": "代码,投资颔\nA1,1000000\n",
    "header-two-lines.csv": "某市企业名单,,\n代码,投资额,备注\nA1,1000000,\n",
    "header-blank.csv": "代码,,投资额\nA1,x,1000000\n",
    "header-bom-twice.csv": "\ufeff\ufeff代码,投资额\nA1,1000000\n",
    "header-unmatched.csv": "甲,乙\n1,2\n",
    # Keys.
    "key-column-missing.csv": "投资额\n1000000\n",
    "key-blank.csv": HEAD + GOOD + ",3000000\n",
    "key-twice.csv": HEAD + GOOD + "A1,3000000\n",
    "key-scientific.csv": HEAD + GOOD + "9.1360E+17,3000000\n",
    # Cells.
    "not-a-number.csv": HEAD + GOOD + "A3,NaN\nA4,inf\nA5,-Infinity\nA6,#DIV/0!\n",
    "huge-number.csv": HEAD + GOOD + "A3," + "9" * 400 + "\nA4,1e400\n",
    "small-number.csv": HEAD + GOOD + "A3,0." + "0" * 300 + "1\n",
    "signs.csv": HEAD + GOOD + "A3,--5\nA4,1_000\nA5,0x10\nA6,=1+1\n",
    "grouping.csv": HEAD + GOOD + 'A3,"12,34"\n',
    "foreign-digits.csv": HEAD + GOOD + "A3,٣٠٠\nA4,三百万\n",
    "unit-twice.csv": "代码,投资额（万元）\nA1,100\nA2,200\nA3,500万\n",
    "unit-wrong.csv": HEAD + GOOD + "A3,500亩\nA4,5%\n",
    "count-in-halves.csv": "代码,投资额,人数\nA1,1000000,1\nA2,2000000,2\nA3,3000000,2.5\n",
    "days.csv": "代码,投资额,成立日期\nA1,1000000,2023-07-01\nA2,2000000,\nA3,1,2023-02-30\nA4,1,2023/13/1\nA5,1,不详\n",
    "logical.csv": "代码,投资额,增资扩产\nA1,1000000,是\nA2,2000000,\nA3,1,可能\n",
    "choice.csv": "代码,投资额,规模\nA1,1000000,大型\nA2,2000000,\nA3,1,巨型\nA4,1,⼤型\n",
    "check.csv": "代码,投资额,研发占比\nA1,1000000,0.5\nA2,2000000,\nA3,1,150%\n",
    "negative.csv": HEAD + "A1,1000000\nA2,-2000000\n",
    "replacement.csv": "代码,投资额,名称\nA1,1000000,甲\nA2,2000000,乙\nA3,1,\ufffd\ufffd公司\n",
    "control.csv": HEAD + GOOD + "A3,\x1b[31m红\x1b[0m\nA4,\u202e12\nA5,\u200b1\n",
    "list-in-cell.csv": "代码,投资额,订单\nA1,1000000,\nA2,2000000,\nA3,1,O1;O2\n",
    "year-conflict.csv": "代码,投资额,营业收入,营业收入2024\nA1,1000000,1,1\nA2,2000000,,\nA3,1,1,2\n",
    # Lists in files of their own.
    "good.csv": HEAD + GOOD,
    "orders.csv": "企业,编号,金额\nA1,O1,1000000\nA2,O2,2000000\n",
    "orders-orphan.csv": "企业,编号,金额\nA1,O1,1000000\nA9,O2,2000000\n",
    "orders-ownerless.csv": "编号,金额\nO1,1000000\n",
    "orders-unclosed.csv": '企业,编号,金额\nA2,O3,"5000000\n',
    "orders-key-twice.csv": "企业,编号,金额\nA1,O1,1000000\nA1,O1,2000000\n",
    # JSON.
    "empty.json": "",
    "truncated.json": '[{"代码": "A1", "投资额": 1000000}, {"代码": "A2"',
    "scalar.json": "42",
    "trailing.json": '[{"代码": "A1", "投资额": 1}] x',
    "nan.json": '[{"代码": "A1", "投资额": NaN}]',
    "power.json": '[{"代码": "A1", "投资额": 1000000}, {"代码": "A2", "投资额": 2000000}, {"代码": "A3", "投资额": 1e999999999}]',
    "digits.json": '[{"代码": "A1", "投资额": 1000000}, {"代码": "A2", "投资额": 2000000}, {"代码": "A3", "投资额": 1' + "0" * 500 + "}]",
    "surrogate.json": '[{"代码": "\\ud800", "投资额": 1}]',
    "key-twice.json": '[{"代码": "A1", "投资额": 1000000}, {"代码": "A2", "投资额": 2000000}, {"代码": "A3", "投资额": 1, "投资额": 2}]',
    "kinds.json": '[{"代码": "A1", "投资额": 1000000}, {"代码": "A2", "投资额": 2000000}, {"代码": "A3", "投资额": [1]}, {"代码": "A4", "投资额": {"a": 1}}, 5]',
    "list-of-scalars.json": '[{"代码": "A1", "投资额": 1000000}, {"代码": "A2", "投资额": 2000000}, {"代码": "A3", "订单": [1, 2]}]',
    "bad-line.jsonl": '{"代码": "A1", "投资额": 1000000}\n{"代码": "A3", \n{"代码": "A2", "投资额": 2000000}\n',
    "line-of-array.jsonl": '{"代码": "A1", "投资额": 1000000}\n[1]\n{"代码": "A2", "投资额": 2000000}\n',
    # A format under a wrong name.
    "text.xlsx": HEAD + GOOD,
    "text.parquet": HEAD + GOOD,
    "page.xlsx": "<html><table><tr><td>代码</td></tr></table></html>",
    "empty.xlsx": "",
    "empty.parquet": "",
    "magic-only.parquet": "PAR1PAR1",
    "data.xls": "x",
    "no-ending": HEAD + GOOD,
}


def bytes_files():
    """Files that are no text of one encoding."""
    gb = (HEAD + GOOD).encode("gb18030")
    files = {
        "gb18030.csv": gb + "A3,x\n".encode("gb18030"),
        "mixed.csv": (HEAD + GOOD).encode() + "A3,三百\n".encode("gb18030"),
        "mixed-other-way.csv": gb + "A3,三百，é\n".encode(),
        "gb18030-cut.csv": gb + "A3,三".encode("gb18030")[:-1],
        "utf16.csv": (HEAD + GOOD).encode("utf-16-le"),
        "utf16-cut.csv": b"\xff\xfe" + (HEAD + GOOD).encode("utf-16-le")[:-1],
        "utf8-cut.csv": (HEAD + GOOD + "A3,三").encode()[:-1],
        "picture.csv": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0",
        "zero-byte.csv": (HEAD + "A1\0,1000000\n").encode(),
        "old.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
        "locked.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le"),
    }
    return files


# ---------------------------------------------------------------- workbooks

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def t(at, text):
    """A cell with a text."""
    return f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>'


def row(number, *cells):
    return f'<row r="{number}">{"".join(cells)}</row>'


TOP = row(1, t("A1", "代码"), t("B1", "投资额"))
TWO = row(2, t("A2", "A1"), '<c r="B2"><v>1000000</v></c>') + row(3, t("A3", "A2"), '<c r="B3"><v>2000000</v></c>')


def third(cell):
    """A table whose third enterprise has this cell, given without its place."""
    return TOP + TWO + row(4, t("A4", "A3"), cell.replace("<c", '<c r="B4"', 1))


def parts(sheets, strings=None, without=(), sheet_xml=None):
    """The parts of a workbook; sheets are pairs of a name and the XML of rows."""
    if isinstance(sheets, str):
        sheets = [("企业", sheets)]
    listed = "".join(f'<sheet name="{name}" sheetId="{at + 1}" r:id="r{at}"/>' for at, (name, _) in enumerate(sheets))
    relations = "".join(
        f'<Relationship Id="r{at}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(len(sheets))
    )
    if strings is not None:
        relations += f'<Relationship Id="s" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    found = {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="a" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
    }
    for at, (_, rows) in enumerate(sheets):
        found[f"xl/worksheets/sheet{at}.xml"] = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    if strings is not None:
        found["xl/sharedStrings.xml"] = strings
    if sheet_xml is not None:
        found["xl/worksheets/sheet0.xml"] = sheet_xml
    return {name: text for name, text in found.items() if name not in without}


def packed(found):
    """Parts as a workbook. The time in it is always the same."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in found.items():
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, content)
    return out.getvalue()


def workbooks():
    good = packed(parts(TOP + TWO))
    strings = f'<sst xmlns="{MAIN}" count="1" uniqueCount="%s">%s</sst>'
    shared = row(1, t("A1", "代码"), t("B1", "名称")) + row(2, t("A2", "A1"), '<c r="B2" t="s"><v>0</v></c>')
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "哈">{laughs}]>' + strings % (1, "<si><t>&l9;</t></si>")
    outside = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>' + strings % (1, "<si><t>&f;</t></si>")
    crc = bytearray(good)
    at = crc.index(b"PK\1\2") + 16
    crc[at] ^= 1
    sheet = parts(TOP + TWO)["xl/worksheets/sheet0.xml"]
    return {
        "truncated.xlsx": good[: len(good) * 2 // 3],
        "checksum.xlsx": bytes(crc),
        "no-sheet.xlsx": packed(parts(TOP, without=["xl/worksheets/sheet0.xml"])),
        "no-workbook.xlsx": packed(parts(TOP, without=["xl/workbook.xml"])),
        "no-rows.xlsx": packed(parts("")),
        "header-only.xlsx": packed(parts(TOP)),
        "header-twice.xlsx": packed(parts(row(1, t("A1", "代码"), t("B1", "投资额"), t("C1", "capex")) + TWO)),
        "two-sheets.xlsx": packed(parts([("名单一", TOP + TWO), ("名单二", TOP + TWO)])),
        "formula.xlsx": packed(parts(third("<c><f>SUM(C1:C9)</f></c>"))),
        "error.xlsx": packed(parts(third('<c t="e"><f>1/0</f><v>#DIV/0!</v></c>'))),
        "unknown-error.xlsx": packed(parts(third('<c t="e"><v>#SPILL!</v></c>'))),
        "not-a-number.xlsx": packed(parts(third("<c><v>NaN</v></c>"))),
        "infinite.xlsx": packed(parts(third("<c><v>1e999</v></c>"))),
        "text-as-number.xlsx": packed(parts(third("<c><v>十</v></c>"))),
        "long-key.xlsx": packed(parts(TOP + TWO + row(4, '<c r="A4"><v>913601234567890123</v></c>', '<c r="B4"><v>1</v></c>'))),
        "day-60.xlsx": packed(parts(row(1, t("A1", "代码"), t("B1", "成立日期")) + "".join(
            row(n, t(f"A{n}", f"A{n - 1}"), f'<c r="B{n}" s="1"><v>{day}</v></c>')
            for n, day in [(2, 45432), (3, 45433), (4, 60), (5, -1), (6, 0.5)]))),
        "far-place.xlsx": packed(parts(third("<c><v>1</v></c>").replace('"B4"', '"AAAAAAAAA1"'))),
        "no-place.xlsx": packed(parts(third("<c><v>1</v></c>").replace('"B4"', '"B0"'))),
        "last-corner.xlsx": packed(parts(third("<c><v>1</v></c>") + row(1048576, t("XFD1048576", "x")))),
        "same-place.xlsx": packed(parts(third('<c><v>1</v></c><c r="B4"><v>2</v></c>'))),
        "backwards.xlsx": packed(parts(TOP + row(9, t("A9", "A1")) + TWO)),
        "claims-texts.xlsx": packed(parts(shared, strings % (4294967295, "<si><t>甲</t></si>"))),
        "no-such-text.xlsx": packed(parts(shared.replace("<v>0<", "<v>7<"), strings % (1, "<si><t>甲</t></si>"))),
        "laughs.xlsx": packed(parts(shared, bomb)),
        "outside.xlsx": packed(parts(shared, outside)),
        "wide-letters.xlsx": packed(parts(TOP, sheet_xml=sheet.encode("utf-16"))),
        "unclosed.xlsx": packed(parts(TOP, sheet_xml=sheet[: len(sheet) * 3 // 4])),
    }


# ---------------------------------------------------------------- Parquet


def parquets():
    good = (FILES / "good.parquet").read_bytes()
    length = struct.unpack("<I", good[-8:-4])[0]
    foot = len(good) - 8 - length
    flipped = bytearray(good)
    for at in range(foot + 3, foot + 60, 7):
        flipped[at] ^= 0x55
    pages = bytearray(good)
    for at in range(4, min(60, foot), 3):
        pages[at] ^= 0x2A
    return {
        "truncated.parquet": good[: len(good) // 2],
        "cut-foot.parquet": good[:foot] + good[foot + length // 2 :],
        "foot-longer-than-file.parquet": good[:-8] + struct.pack("<I", 0xFFFFFFFF) + b"PAR1",
        "foot-empty.parquet": good[:-8] + struct.pack("<I", 0) + b"PAR1",
        "foot-of-zeros.parquet": b"PAR1" + bytes(64) + struct.pack("<I", 64) + b"PAR1",
        # A list of 2,147,483,647 row groups in a few bytes of the compact protocol.
        "claims-groups.parquet": b"PAR1" + b"\x15\x02\x19\xfc\xff\xff\xff\xff\x07" + struct.pack("<I", 9) + b"PAR1",
        "flipped-foot.parquet": bytes(flipped),
        "flipped-pages.parquet": bytes(pages),
        "locked.parquet": b"PARE" + bytes(32) + struct.pack("<I", 32) + b"PARE",
    }


def small():
    found = {name: text.encode() for name, text in TEXTS.items()}
    found |= bytes_files()
    found |= workbooks()
    found |= parquets()
    return found


# ---------------------------------------------------------------- large files


def deflated_zeros(size, byte):
    """So many equal bytes, deflated, without ever holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = byte * (1 << 20)
    out = [packer.compress(block) for _ in range(size >> 20)]
    return b"".join(out) + packer.flush()


def lying(found, name, content_deflated, crc, says):
    """A workbook one part of which unpacks to something else than it says."""
    base = packed({**found, name: b""})
    out, central = io.BytesIO(), []
    with zipfile.ZipFile(io.BytesIO(base)) as package:
        for info in package.infolist():
            data, number, size = package.read(info), info.CRC, info.file_size
            body = zlib.compressobj(9, zlib.DEFLATED, -15)
            packed_data = body.compress(data) + body.flush()
            if info.filename == name:
                packed_data, number, size = content_deflated, crc, says
            label = info.filename.encode()
            common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 22561, number, len(packed_data), size, len(label), 0)
            central.append(b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, out.tell()) + label)
            out.write(b"PK\3\4" + common + label + packed_data)
    start = out.tell()
    for entry in central:
        out.write(entry)
    size = out.tell() - start
    out.write(b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, len(central), len(central), size, start, 0))
    return out.getvalue()


def large(folder):
    def write(name, content):
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    folder.mkdir(parents=True, exist_ok=True)
    write("columns.csv", ",".join(["代码"] + [f"列{n}" for n in range(5000)]) + "\nA1" + "," * 5000 + "\n")
    write("cells-of-a-row.csv", HEAD + GOOD + "A3" + "," * 3_000_000 + "\n")
    write("long-cell.csv", HEAD + GOOD + "A3," + "万" * 2_000_000 + "\n")
    write("all-wrong.csv", HEAD + GOOD + "".join(f"B{n},x\n" for n in range(20_000)))
    write("all-twice.csv", HEAD + GOOD + "B,1\nB,2\n" * 10_000)
    write("blank-rows.csv", HEAD + GOOD + "\n" * 1_000_000 + "A3,x\n")
    write("quotes.csv", HEAD + '"' * 2_000_001 + "\n")
    write("deep.json", "[" * 1_000_000)
    write("deep-inside.json", '[{"代码": "A1", "投资额": ' + "[" * 100_000 + "]" * 100_000 + "}]")
    write("many-keys.json", "[{" + ", ".join(f'"k{n}": 1' for n in range(5000)) + "}]")
    write("wide-letters.json", '[{"代码": "A1", "投资额": ' + '"' + "\\u4e07" * 200_000 + '"}]')
    many = packed({**parts(TOP + TWO), **{f"xl/media/{n}": "" for n in range(10_001)}})
    write("many-parts.xlsx", many)
    rows = TOP + TWO + "".join(f'<row r="{n}"><c r="DDDD{n}"/></row>' for n in range(4, 20_000))
    write("empty-cells.xlsx", packed(parts(rows)))
    corner = TOP + TWO + "".join(row(n, t(f"FAN{n}", "x")) for n in range(4, 3_000))
    write("far-columns.xlsx", packed(parts(corner)))
    zeros = deflated_zeros(1_200 << 20, b" ")
    write("bomb.xlsx", lying(parts(TOP), "xl/worksheets/sheet0.xml", zeros, 0, 1_200 << 20))
    write("lying-bomb.xlsx", lying(parts(TOP), "xl/worksheets/sheet0.xml", zeros, 0, 100))
    # Holes take no room on the disk.
    for name in ["sparse.csv", "sparse.xlsx", "sparse.parquet"]:
        with open(folder / name, "wb") as file:
            file.truncate(600 << 20)
    (folder / "folder.csv").mkdir(exist_ok=True)
    (folder / "folder.xlsx").mkdir(exist_ok=True)
    for name, target in [("nowhere.csv", "no-such-file.csv"), ("circle.csv", "circle.csv"), ("zeros.csv", "/dev/zero"), ("full.csv", "/dev/full")]:
        link = folder / name
        if not link.is_symlink():
            os.symlink(target, link)
    write("no-right.csv", HEAD + GOOD)
    (folder / "no-right.csv").chmod(0)
    write("good.csv", HEAD + GOOD)


def main(arguments):
    if arguments[:1] == ["--large"]:
        large(Path(arguments[1]))
        return 0
    wanted = small()
    if arguments == ["--check"]:
        kept = {path.name: path.read_bytes() for path in FILES.iterdir()}
        own = {name for name in kept if name not in ("good.parquet", "nan.parquet")}
        wrong = sorted(own ^ wanted.keys() | {name for name in own & wanted.keys() if kept[name] != wanted[name]})
        print(f"{len(wanted)} files" if not wrong else "differ: " + ", ".join(wrong))
        return 1 if wrong else 0
    FILES.mkdir(exist_ok=True)
    for name, content in wanted.items():
        (FILES / name).write_bytes(content)
    print(f"{len(wanted)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
