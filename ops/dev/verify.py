"""Reads every sink back and compares it, value by value, with what the generator of the events expected; then compares
the counters of the run with the generator's totals.

It shares no code with Sluice: Redis is spoken to over a socket, MongoDB through pymongo, and the lake is read as the
files that its manifests list. It knows the layout of sinks as their documentation tells it, and nothing else.

Prints a summary; exits 1 if anything differs, and says what.
"""

import argparse
import datetime
import glob
import json
import os
import socket
import sys
import zlib

import pymongo

# Differences that are shown per feature and sink; all are counted.
SHOWN = 5
# A lazily refreshed expiry may lie this much after event time + retention, never before.
EXPIRY_SLACK_MS = 86_400_000
OUTCOMES = ["applied", "stale", "duplicate", "superseded", "expired", "dead_lettered"]
LANES = ["bootstrap", "realtime"]
# The version of every shipped feature.
VERSION = 1


class Stored:
    """What a sink holds of one entity. `columns` has no NULLs; texts of Redis are texts, whatever they stand for."""

    __slots__ = ("version", "deleted", "columns", "expires_ms")

    def __init__(self, version, deleted, columns, expires_ms=None):
        self.version, self.deleted, self.columns, self.expires_ms = version, deleted, columns, expires_ms


# Reading sinks


class Redis:
    """As much of the Redis protocol as reading back needs: commands are sent many at a time, answers read in order."""

    name = "online"
    keeps_expiry = True

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.file = self.socket.makefile("rb")

    def call(self, *commands):
        parts = []
        for command in commands:
            parts.append(b"*%d\r\n" % len(command))
            for word in command:
                word = word if isinstance(word, bytes) else str(word).encode()
                parts.append(b"$%d\r\n%s\r\n" % (len(word), word))
        self.socket.sendall(b"".join(parts))
        return [self.answer() for _ in commands]

    def answer(self):
        line = self.file.readline()[:-2]
        kind, rest = line[:1], line[1:]
        if kind == b"-":
            raise RuntimeError("Redis: " + rest.decode())
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        return [self.answer() for _ in range(int(rest))]

    def keys(self, pattern):
        keys, cursor = set(), b"0"
        while True:
            cursor, page = self.call(("SCAN", cursor, "MATCH", pattern, "COUNT", 5000))[0]
            keys.update(page)
            if cursor == b"0":
                return sorted(keys)

    def entities(self, feature, version):
        prefix = f"{feature}:{version}:" + "{"
        keys = self.keys(prefix + "*")
        for start in range(0, len(keys), 500):
            page = keys[start : start + 500]
            answers = self.call(*(c for key in page for c in (("HGETALL", key), ("PEXPIRETIME", key))))
            for key, fields, expires in zip(page, answers[::2], answers[1::2]):
                columns = {f.decode(): v.decode() for f, v in zip(fields[::2], fields[1::2])}
                stored = Stored(columns.pop("_v", ""), "_deleted" in columns, columns, None if expires < 0 else expires)
                columns.pop("_deleted", None)
                yield key.decode()[len(prefix) : -1], stored

    @staticmethod
    def same(expected, found):
        if isinstance(expected, float):
            # The text must read back equal, and none that does is shorter (Python writes 1e-05, others 1e-5).
            return float(found) == expected and len(found) <= len(repr(expected))
        return found == (expected if isinstance(expected, str) else str(expected))


class Mongo:
    name = "profiles"
    keeps_expiry = True

    def __init__(self, port):
        self.database = pymongo.MongoClient("127.0.0.1", port, serverSelectionTimeoutMS=10_000).features

    def entities(self, feature, version):
        for document in self.database[f"{feature}_v{version}"].find():
            columns = {k: v for k, v in document.items() if not k.startswith("_") and v is not None}
            expires = document.get("_expire_at")
            yield document["_id"], Stored(
                document["_v"], document.get("_deleted", False), columns, expires and milliseconds(expires)
            )

    @staticmethod
    def same(expected, found):
        return same_type_and_value(expected, found)


class Lake:
    """Files that no manifest lists do not exist. The state of the history is the greatest version per entity."""

    name = "lake"
    keeps_expiry = False

    def __init__(self, path):
        self.path = path
        self.rows = {}

    def entities(self, feature, version):
        folder = os.path.join(self.path, feature, f"v{version}")
        newest, rows = {}, 0
        for manifest in sorted(glob.glob(os.path.join(folder, "_manifest", "*.ndjson"))):
            for line in open(manifest, encoding="utf-8"):
                segment = json.loads(line)
                with open(os.path.join(folder, segment["file"]), "rb") as file:
                    content = file.read()
                if zlib.crc32(content) != int(segment["crc"], 16):
                    raise RuntimeError(f"{folder}/{segment['file']}: the manifest tells another CRC")
                for row in map(json.loads, content.decode().splitlines()):
                    rows += 1
                    kept = newest.get(row["_entity"])
                    if kept is None or row["_v"] > kept["_v"]:
                        newest[row["_entity"]] = row
        self.rows[feature] = rows
        for entity, row in newest.items():
            columns = {k: v for k, v in row.items() if not k.startswith("_") and v is not None}
            yield entity, Stored(row["_v"], row.get("_deleted", False), columns)

    @staticmethod
    def same(expected, found):
        return same_type_and_value(expected, found)


def same_type_and_value(expected, found):
    # bson.Int64 is an int, too.
    return found == expected and isinstance(found, type(expected))


def milliseconds(time):
    return (time - datetime.datetime(1970, 1, 1)) // datetime.timedelta(milliseconds=1)


# Comparing


def differences(sink, expected, stored):
    """What is wrong with one entity, in words; nothing if all is well."""
    # The digits between are the file's ordinal, which the order of its registration gives.
    if (expected["version"][:23], expected["version"][31:]) != (stored.version[:23], stored.version[31:]):
        yield f"version {stored.version}, expected {expected['version']}"
    if expected["deleted"] != stored.deleted:
        yield f"deleted is {stored.deleted}, expected {expected['deleted']}"
    wanted = {name: value for name, value in expected["columns"].items() if value is not None}
    for name in sorted(wanted.keys() | stored.columns.keys()):
        if name not in wanted:
            yield f"{name} is {stored.columns[name]!r}, expected none"
        elif name not in stored.columns:
            yield f"{name} is missing, expected {wanted[name]!r}"
        elif not sink.same(wanted[name], stored.columns[name]):
            yield f"{name} is {stored.columns[name]!r}, expected {wanted[name]!r}"
    if sink.keeps_expiry:
        least = expected["expires"] and expected["expires"] // 1000
        if (least is None) != (stored.expires_ms is None):
            yield f"expires at {stored.expires_ms}, expected {least}"
        elif least is not None and not least <= stored.expires_ms <= least + EXPIRY_SLACK_MS:
            yield f"expires at {stored.expires_ms} ms, expected {least} or soon after"


class Report:
    def __init__(self):
        self.entities = self.values = self.faults = 0

    def fault(self, place, text, number=0):
        self.faults += 1
        if number < SHOWN:
            print(f"DIFFERENT {place}: {text}")
        elif number == SHOWN:
            print(f"DIFFERENT {place}: … and more")

    def compare(self, sink, feature, version, expected):
        """Compares all entities of a feature; returns what is stored of the first that is expected to live."""
        place, number, seen, sample = f"{feature} v{version} in {sink.name}", 0, set(), None
        shown = next((entity for entity, line in expected.items() if not line["deleted"]), None)
        for entity, stored in sink.entities(feature, version):
            seen.add(entity)
            if entity not in expected:
                self.fault(place, f"{entity!r} is there, and was never written", number)
                number += 1
                continue
            for text in differences(sink, expected[entity], stored):
                self.fault(place, f"{entity!r}: {text}", number)
                number += 1
            self.entities += 1
            self.values += len(expected[entity]["columns"])
            if entity == shown:
                sample = (feature, sink.name, entity, stored)
        for entity in expected.keys() - seen:
            self.fault(place, f"{entity!r} is missing", number)
            number += 1
        return sample

    def count(self, feature, totals, counted, sinks, lake_rows):
        """Compares the counters of each sink and lane with the generator's totals."""
        for sink in sinks:
            applied = 0
            for lane in LANES:
                row = counted.get((feature, sink, lane))
                want = totals["lanes"].get(lane)
                place = f"{feature} {lane} in {sink}"
                if row is None or want is None:
                    if row is not None and row["records"] or want is not None:
                        self.fault(place, f"counted {row}, expected {want}")
                    continue
                for name in ["records", "filtered", "refused", "rows", "expired"]:
                    if row[name] != want[name]:
                        self.fault(place, f"{name} {row[name]}, expected {want[name]}")
                if sum(row[name] for name in OUTCOMES) != row["rows"]:
                    self.fault(place, f"the outcomes do not add up to {row['rows']} rows")
                nothing = ["dead_lettered"] + (["stale", "duplicate", "superseded"] if sink == Lake.name else [])
                for name in nothing:
                    if row[name] != 0:
                        self.fault(place, f"{name} {row[name]}, expected 0")
                applied += row["applied"]
            if sink == Lake.name and applied != lake_rows[feature]:
                self.fault(f"{feature} in {sink}", f"{lake_rows[feature]} rows in files, and {applied} were applied")
            if applied < totals["entities"]:
                self.fault(f"{feature} in {sink}", f"{applied} applied, for {totals['entities']} entities")


# Showing


def table(header, rows):
    """Columns side by side; those with numbers are flush right."""
    cells = [header] + [[f"{c:,}" if isinstance(c, int) else str(c) for c in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    right = [all(isinstance(row[i], int) for row in rows) for i in range(len(header))]
    for row in cells:
        print("  " + "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, right)).rstrip())
    print()


def show_counters(summary, sinks, run):
    print(f"\n{summary['records']:,} records, settled in {len(sinks)} sinks in {run['seconds']:.1f} s:\n")
    columns = ["records", "filtered", "refused", "rows"] + OUTCOMES
    table(
        ["feature", "lane", "sink"] + [name.replace("_", "-") for name in columns],
        [[r["feature"], r["lane"], r["sink"]] + [r[name] for name in columns] for r in run["rows"]],
    )


def show_sample(samples):
    print("One entity of each feature, as each sink holds it:\n")
    for feature, sink, entity, stored in filter(None, samples):
        columns = " ".join(f"{name}={value!r}" for name, value in stored.columns.items())
        print(f"  {feature} {entity!r} in {sink}\n    {columns}")
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--expected", required=True, help="the generator's folder `expected`")
    parser.add_argument("--run", help="what `sluice run --drain --json` printed; without it, only states are compared")
    parser.add_argument("--redis-port", type=int, required=True)
    parser.add_argument("--mongo-port", type=int, required=True)
    parser.add_argument("--lake", required=True, help="the file sink's path")
    arguments = parser.parse_args()

    with open(os.path.join(arguments.expected, "summary.json"), encoding="utf-8") as file:
        summary = json.load(file)
    run = None
    if arguments.run:
        with open(arguments.run, encoding="utf-8") as file:
            run = json.load(file)
        counted = {(row["feature"], row["sink"], row["lane"]): row for row in run["rows"]}
    sinks = [Redis(arguments.redis_port), Mongo(arguments.mongo_port), Lake(arguments.lake)]

    report, samples = Report(), []
    for feature, totals in summary["features"].items():
        path = os.path.join(arguments.expected, f"{feature}.ndjson")
        with open(path, encoding="utf-8") as file:
            expected = {line["entity"]: line for line in map(json.loads, file)}
        for sink in sinks:
            samples.append(report.compare(sink, feature, VERSION, expected))
        if run:
            report.count(feature, totals, counted, [sink.name for sink in sinks], sinks[-1].rows)

    if run:
        show_counters(summary, sinks, run)
    show_sample(samples)
    if report.faults:
        print(f"{report.faults:,} differences from what the generator expected")
        return 1
    print(
        f"{report.values:,} values of {report.entities:,} entities in {len(sinks)} sinks"
        f"{', and all counters' if run else ''}: equal to what the generator expected"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
