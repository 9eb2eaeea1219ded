"""Files that are made to do harm, each in the clothes of one that people import."""

from __future__ import annotations

import gzip
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

EXPORT = "apple_health_export/export.xml"
HEALTH = (
    '<HealthData><Record type="HKQuantityTypeIdentifierStepCount" unit="count" value="1"'
    ' startDate="2031-04-07 08:00:00 +0200" endDate="2031-04-07 08:05:00 +0200"/></HealthData>'
)
GPX = '<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{}</trkseg></trk></gpx>'
POINT = '<trkpt lat="47.0" lon="8.{0:02}"><time>2031-04-07T04:{0:02}:00Z</time></trkpt>'
GOOD_GPX = GPX.format("".join(POINT.format(minute) for minute in range(40))).encode()
TCX = "<TrainingCenterDatabase><Activities><Activity Sport='Running'><Id>{}</Id></Activity></Activities>"


def hostile_zips(folder: Path, *, entries: int, bomb_gb: int) -> None:
    """F32: bombs with true and false sizes, nested or with many entries, links, strange names, damage."""
    zeros = deflated_zeros(bomb_gb * 1000)
    size = bomb_gb * 1_000_000_000
    folder.joinpath("bomb.zip").write_bytes(raw_zip(EXPORT, zeros, size))
    folder.joinpath("bomb-that-lies.zip").write_bytes(raw_zip(EXPORT, zeros, 1000))
    folder.joinpath("bomb-in-64-bit-sizes.zip").write_bytes(raw_zip(EXPORT, zeros, 0xFFFFFFFF))
    inner = BytesIO(raw_zip(EXPORT, zeros, size)).getvalue()
    pack(folder / "nested.zip", {"inner.zip": inner})
    folder.joinpath("many-entries.zip").write_bytes(many_entries(entries))
    pack(folder / "slip.zip", {"../../../../slipped/export.xml.txt": b"x", "/slipped/absolute": b"x"})
    link = zipfile.ZipInfo(EXPORT)
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(folder / "symlink.zip", "w") as archive:
        archive.writestr(link, "/etc/hostname")
    pack(folder / "wrong-crc.zip", {EXPORT: HEALTH.encode()}, method=zipfile.ZIP_STORED)
    broken = (folder / "wrong-crc.zip").read_bytes()
    (folder / "wrong-crc.zip").write_bytes(broken.replace(b"StepCount", b"StepCounT", 1))
    pack(folder / "encrypted.zip", {EXPORT: HEALTH.encode()})
    (folder / "encrypted.zip").write_bytes(with_encrypted_flag((folder / "encrypted.zip").read_bytes()))
    folder.joinpath("cut.zip").write_bytes(raw_zip(EXPORT, zeros, size)[: 1 << 16])
    folder.joinpath("gzip-bomb.fit.gz").write_bytes(gzip.compress(b"\0" * 100_000_000, 1))
    with folder.joinpath("huge.fit").open("wb") as huge:
        huge.truncate(20_000_000_000)


def hostile_xml(folder: Path, canary_url: str, canary_file: Path) -> None:
    """F33: entities of all kinds, depth, attributes, encodings, and cuts at every hundredth."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    declared = {
        "billion-laughs": f'<!ENTITY l0 "ha">{laughs}',
        "quadratic": f'<!ENTITY l9 "{"x" * 100_000}">',
        "external-file": f'<!ENTITY l9 SYSTEM "{canary_file.as_uri()}">',
        "external-url": f'<!ENTITY l9 SYSTEM "{canary_url}/entity">',
        "parameter": f'<!ENTITY % p SYSTEM "{canary_url}/parameter"> %p; <!ENTITY l9 "x">',
    }
    reference = "&l9;" * 1000
    for name, entities in declared.items():
        doctype = f"<!DOCTYPE x [{entities}]>"
        folder.joinpath(f"{name}.tcx").write_text(doctype + TCX.format(reference))
        folder.joinpath(f"{name}.gpx").write_text(doctype + GPX.format(f"<name>{reference}</name>"))
        # Apple's reader drops the document type: what refers to it then has nothing to refer to.
        apple = HEALTH.replace('value="1"', 'value="&l9;"')
        pack(folder / f"{name}.zip", {EXPORT: (doctype + apple).encode()})
    system = f'<!DOCTYPE x SYSTEM "{canary_url}/type">'
    folder.joinpath("external-type.gpx").write_text(system + GPX.format(""))
    depth = 200_000
    folder.joinpath("deep.gpx").write_text(GPX.format("<a>" * depth + "</a>" * depth))
    attributes = " ".join(f'a{n}="1"' for n in range(depth))
    folder.joinpath("attributes.gpx").write_text(GPX.format(f"<a {attributes}/>"))
    evil = f'<?xml version="1.0" encoding="{{}}"?><!DOCTYPE x [{declared["external-file"]}]>' + GPX.format(
        "<name>&l9;</name>"
    )
    for encoding in ("UTF-7", "UTF-16", "UTF-16BE", "UTF-16LE", "UTF-32", "EBCDIC-CP-US", "no-such"):
        real = encoding if encoding.startswith("UTF") else "utf-8"
        folder.joinpath(f"as-{encoding}.gpx").write_bytes(evil.format(encoding).encode(real))
    for percent in range(1, 100):
        cut = GOOD_GPX[: len(GOOD_GPX) * percent // 100]
        folder.joinpath(f"cut-{percent:02}.gpx").write_bytes(cut)


def deflated_zeros(megabytes: int) -> bytes:
    """A deflate stream of so many MB: the same block again and again, which takes no time to make."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(b"\0" * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * megabytes + packer.flush()


def raw_zip(name: str, packed: bytes, size: int) -> bytes:
    """An archive with one entry that claims to hold `size` bytes (10 GB is written as what fits)."""
    size = min(size, 0xFFFFFFFE) if size != 0xFFFFFFFF else size
    fields = (20, 0, 8, 0, 0, 0, len(packed), size, len(name))
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", *fields, 0) + name.encode() + packed
    return local + _directory(name, fields, 1, len(local))


def many_entries(count: int) -> bytes:
    """A directory of so many empty files, all at the same place."""
    fields = (20, 0, 0, 0, 0, 0, 0, 0, 1)
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", *fields, 0) + b"a"
    return local + _directory("a", fields, count, len(local))


def _directory(name: str, fields: tuple[int, ...], count: int, offset: int) -> bytes:
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, *fields, 0, 0, 0, 0, 0, 0) + name.encode()
    directory = entry * count
    told = min(count, 0xFFFF)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, told, told, len(directory), offset, 0)
    return directory + end


def pack(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> None:
    """An honest archive of these files."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def with_encrypted_flag(data: bytes) -> bytes:
    """The same archive, as if a password had been given."""
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + place
        data = data[:at] + b"\x01" + data[at + 1 :]
    return data
