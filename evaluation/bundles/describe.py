"""What is told of the files of a bundle: its record, README, licence, and descriptions for machines."""

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict

from evaluation.base.zips import read_json
from evaluation.bundles import layout
from evaluation.bundles.layout import PROJECT, RUN, Absent, BundleRecord, to_json
from evaluation.bundles.metadata import crate_json, datapackage_json, dcat_json
from evaluation.bundles.readme import write_readme
from evaluation.bundles.tables import snapshots_in
from evaluation.inputs.editions import report_title


def record_of(files: Mapping[str, bytes], absent: tuple[Absent, ...]) -> BundleRecord:
    """Make the record of a bundle from the files of its run and project, and what is absent."""
    run = read_json(files[f"{RUN}run.json"])
    rows = csv.reader(io.StringIO(files[f"{RUN}results.csv"].decode("utf-8"), newline=""))
    return BundleRecord(
        deal=run["deal"],
        deal_name=run["deal_name"],
        edition=run["edition"],
        kind=run["kind"],
        title=report_title(run["kind"], run["year"], run["edition"]),
        year=run["year"],
        numbers=sum(1 for _ in rows) - 1,
        date=max([run["as_of"], *(item.vintage.isoformat() for _, item in snapshots_in(files))]),
        records=run["dataset"]["status"],
        versions=run["versions"],
        absent=absent,
    )


def describe(files: Mapping[str, bytes], record: BundleRecord) -> dict[str, bytes]:
    """Write what tells about the project, the run and the second copy: file name to content, without the sums."""
    made = {layout.RECORD: to_json(asdict(record)).encode(), "LICENSE": files[f"{PROJECT}LICENSE"]}
    made[layout.README] = write_readme(record, {**files, **made}).encode()
    made[layout.DATAPACKAGE] = datapackage_json(record, {**files, **made}).encode()
    made[layout.DCAT] = dcat_json(record, {**files, **made}).encode()
    made[layout.CRATE] = crate_json(record, {**files, **made}).encode()
    return made
