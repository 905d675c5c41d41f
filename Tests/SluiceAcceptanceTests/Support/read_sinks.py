"""Reads sinks back, with clients that share no code with Sluice.

    read_sinks.py all FEATURE --redis-port N --mongo-port N --lake DIR     prints what each sink holds, as JSON
    read_sinks.py view FEATURE --lake DIR [--retention-days N]             compares the compacted view with the history
"""

import argparse
import datetime
import glob
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../ops/dev"))

import verify  # noqa: E402


def show_all(arguments):
    sinks = [verify.Redis(arguments.redis_port), verify.Mongo(arguments.mongo_port), verify.Lake(arguments.lake)]
    print(json.dumps({sink.name: contents(sink, arguments.feature) for sink in sinks}))
    return 0


def contents(sink, feature):
    return {
        entity: {"version": stored.version, "columns": stored.columns} for entity, stored in sink.entities(feature, 1)
    }


def history(folder):
    """Every row of every segment that a manifest lists."""
    for manifest in glob.glob(os.path.join(folder, "_manifest", "*.ndjson")):
        with open(manifest, encoding="utf-8") as file:
            segments = [json.loads(line)["file"] for line in file]
        for segment in segments:
            with open(os.path.join(folder, segment), encoding="utf-8") as file:
                yield from map(json.loads, file)


def compare_view(arguments):
    folder = os.path.join(arguments.lake, arguments.feature, "v1")
    greatest = {}
    for row in history(folder):
        kept = greatest.get(row["_entity"])
        if kept is None or row["_v"] > kept["_v"]:
            greatest[row["_entity"]] = row
    (path,) = glob.glob(os.path.join(folder, "latest", "*.ndjson"))
    with open(path, encoding="utf-8") as file:
        begin, *rows, end = map(json.loads, file)
    view = {row["_entity"]: row for row in rows}
    faults = []
    if (begin["_sluice"], begin["keeps_versions"]) != ("begin", True):
        faults.append(f"it opens with {begin}")
    if (end["_sluice"], end["run"], end["count"]) != ("end", begin["run"], len(rows)):
        faults.append(f"it closes with {end} after {len(rows)} rows")
    if len(view) != len(rows):
        faults.append("an entity has several rows")
    now = datetime.datetime.now(datetime.timezone.utc)
    for entity in greatest.keys() | view.keys():
        row = greatest.get(entity)
        if row and arguments.retention_days:
            age = now - datetime.datetime.fromisoformat(row["_event_time"])
            # A row that expires about now may be in the view or not.
            if age > datetime.timedelta(days=arguments.retention_days, minutes=-1) and entity not in view:
                continue
        if row != view.get(entity):
            faults.append(f"{entity!r}: the history's greatest is {row}, the view has {view.get(entity)}")
    for fault in faults[:20]:
        print("DIFFERENT " + fault)
    print(f"{len(view)} entities, {sum('_deleted' in row for row in rows)} deleted")
    return 1 if faults else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["all", "view"])
    parser.add_argument("feature")
    parser.add_argument("--redis-port", type=int)
    parser.add_argument("--mongo-port", type=int)
    parser.add_argument("--lake", required=True)
    parser.add_argument("--retention-days", type=int)
    arguments = parser.parse_args()
    return show_all(arguments) if arguments.command == "all" else compare_view(arguments)


if __name__ == "__main__":
    sys.exit(main())
