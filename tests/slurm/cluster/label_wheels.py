"""Gives every wheel the local version label `+computecanada`, as the Alliance's own wheels carry it."""

import base64
import hashlib
import sys
import zipfile
from pathlib import Path

UNLABELLED = {"pip", "setuptools", "wheel"}


def label(wheel: Path, folder: Path) -> None:
    """Write the labelled copy of a wheel: its file name, its dist-info folder, its metadata and its RECORD."""
    name, version, *tags = wheel.stem.split("-")
    if name in UNLABELLED:
        (folder / wheel.name).write_bytes(wheel.read_bytes())
        return
    labelled = f"{version}+computecanada"
    old, new = f"{name}-{version}.dist-info/", f"{name}-{labelled}.dist-info/"
    record = []
    target = folder / f"{'-'.join([name, labelled, *tags])}.whl"
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(target, "w") as copy:
        for item in source.infolist():
            if item.filename == f"{old}RECORD":
                continue
            data, path = source.read(item), item.filename.replace(old, new, 1)
            if path == f"{new}METADATA":
                data = data.replace(f"\nVersion: {version}\n".encode(), f"\nVersion: {labelled}\n".encode(), 1)
            entry = zipfile.ZipInfo(path, item.date_time)
            entry.external_attr = item.external_attr
            copy.writestr(entry, data, zipfile.ZIP_DEFLATED)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record.append(f"{path},sha256={digest},{len(data)}")
        copy.writestr(f"{new}RECORD", "\n".join([*record, f"{new}RECORD,,", ""]))


if __name__ == "__main__":
    for path in sorted(Path(sys.argv[1]).glob("*.whl")):
        label(path, Path(sys.argv[2]))
