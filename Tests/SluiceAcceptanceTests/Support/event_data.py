"""Puts real event data before Sluice as features, in several arrangements, and compares what the sinks hold afterwards
with the data's own oracle, entity by entity and value by value.

    event_data.py stage   DATA WORK ARRANGEMENT --redis-port N --mongo-port N --seed N
    event_data.py compare DATA WORK ARRANGEMENT --redis-port N --mongo-port N

DATA holds the events, their queries and the oracle. `stage` writes a configuration and its streams below WORK. Sinks
are read with clients that share no code with Sluice.
"""

import argparse
import gzip
import json
import os
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../ops/dev"))

import verify  # noqa: E402

# Whether rows come in the order of the oracle's file, so that ties go to the later one without a revision.
IN_ORDER = "in_order"
ARRANGEMENTS = [IN_ORDER, "bootstrap", "halves", "shuffled", "twice"]


def read_rows(path):
    """The rows as text with their line numbers, and the CSV header if there is one."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        lines = file.read().split("\n")
    if lines[-1] == "":
        lines.pop()
    header = lines.pop(0) if ".csv" in path else None
    if header is None:
        return None, ['{"line":%d,%s' % (number, line[1:]) for number, line in enumerate(lines)]
    return "line," + header, [f"{number},{line}" for number, line in enumerate(lines)]


def arrange(rows, arrangement, chance):
    """Which rows go to which lane, in which files."""
    half = len(rows) // 2
    if arrangement == IN_ORDER:
        return {"realtime": [rows]}
    if arrangement == "bootstrap":
        return {"bootstrap": [rows]}
    if arrangement == "halves":
        return {"bootstrap": [rows[:half]], "realtime": [rows[half:]]}
    shuffled = chance.sample(rows, len(rows))
    if arrangement == "shuffled":
        return {"realtime": [shuffled[0::3], shuffled[1::3], shuffled[2::3]]}
    again = chance.sample(rows, len(rows))
    return {"bootstrap": [shuffled[:half], again[half:]], "realtime": [shuffled[half:], again[:half]]}


def write_lanes(work, name, header, lanes, suffix):
    for lane, files in lanes.items():
        folder = os.path.join(work, "streams", name, lane)
        os.makedirs(folder)
        for number, rows in enumerate(files):
            text = "\n".join(([header] if header else []) + rows) + "\n"
            # Every other file is an archive.
            if number % 2:
                with gzip.open(os.path.join(folder, f"{number}.{suffix}.gz"), "wt", encoding="utf-8") as file:
                    file.write(text)
            else:
                with open(os.path.join(folder, f"{number}.{suffix}"), "w", encoding="utf-8") as file:
                    file.write(text)


def column(name, read, is_text_only):
    """A column of the SQL; fields of CSV are text, and say what they are."""
    kind = {int: "INTEGER", float: "REAL"}.get(type(read("1"))) if is_text_only else None
    return f'CAST("{name}" AS {kind}) AS "{name}"' if kind else f'"{name}"'


def feature(name, query, lanes, arrangement):
    is_csv = ".csv" in query["files"][0]
    columns = [column(n, read, is_csv) for n, read in query["key"] + query["feats"]]
    condition = query["sql"].replace("distance", "CAST(distance AS REAL)") if is_csv else query["sql"]
    if arrangement != IN_ORDER:
        columns.append('CAST("line" AS INTEGER) AS "line"')
    streams = "".join(
        f"  {lane}: {{kind: file, path: ../../streams/{name}/{lane}, format: {'csv' if is_csv else 'ndjson'}}}\n"
        for lane in lanes
    )
    return (
        f"feature: {name}\nversion: 1\nowner: tests\n"
        f"entity: [{', '.join(n for n, _ in query['key'])}]\nevent_time: {query['t']}\n"
        + ("" if arrangement == IN_ORDER else "revision: line\n")
        + f"streams:\n{streams}"
        + f"sql: |\n  SELECT {', '.join(columns)}, \"{query['t']}\"\n  FROM events\n  WHERE {condition}\n"
        + "sinks: [online, profiles, lake]\n"
    )


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def stage(data, work, arrangement, redis_port, mongo_port, seed):
    write(
        f"{work}/config/sluice.yaml",
        "deployment: event-data\nfeatures: features\nsinks: ../sinks\n"
        "coordination: {kind: file, path: ../.sluice}\n"
        "dead_letters: {kind: file, path: ../.sluice/dead-letters}\n",
    )
    write(f"{work}/sinks/online.yaml", f"kind: redis\nurl: redis://127.0.0.1:{redis_port}/0\n")
    write(f"{work}/sinks/profiles.yaml", f"kind: mongo\nurl: mongodb://127.0.0.1:{mongo_port}/features\n")
    write(f"{work}/sinks/lake.yaml", "kind: file\npath: ../lake\n")
    chance = random.Random(seed)
    for name, query in queries(data).items():
        file = query["files"][0]
        header, rows = read_rows(os.path.join(data, file))
        lanes = arrange(rows, arrangement, chance)
        write_lanes(work, name, header, lanes, "csv" if header else "ndjson")
        write(f"{work}/config/features/{name}.yaml", feature(name, query, lanes, arrangement))


def queries(data):
    sys.path.insert(0, data)
    import oracle

    return oracle.Q


def entity_text(key):
    """The entity as sinks name it: columns joined with `|`, what would confuse percent-encoded."""

    def encode(text):
        return "".join(
            "%%%02X" % ord(c) if c in "%|{}" or ord(c) < 32 or ord(c) == 127 else c for c in str(text)
        )

    return "|".join(map(encode, key))


def plain(value):
    """SQL knows no booleans: they are 1 and 0."""
    return int(value) if isinstance(value, bool) else value


def compare(data, work, arrangement, redis_port, mongo_port):
    queries(data)
    import oracle

    with open(f"{work}/run.json", encoding="utf-8") as file:
        run = json.load(file)
    sinks = [verify.Redis(redis_port), verify.Mongo(mongo_port), verify.Lake(f"{work}/lake")]
    faults = 0
    for name, query in oracle.Q.items():
        counts, lines = oracle.run(query)
        names = [n for n, _ in query["feats"]]
        expected = {entity_text(line["key"]): line for line in map(json.loads, lines)}
        for sink in sinks:
            found = dict(sink.entities(name, 1))
            for entity in expected.keys() | found.keys():
                line, stored = expected.get(entity), found.get(entity)
                if line is None or stored is None:
                    faults = tell(faults, f"{name} in {sink.name}: {entity!r} expected {line}, found {stored}")
                    continue
                time = int(stored.version[:14], 16) - (1 << 55)
                if time != line["t"]:
                    faults = tell(faults, f"{name} in {sink.name}: {entity!r} is of {time}, expected {line['t']}")
                for column_name in names:
                    want, have = plain(line[column_name]), stored.columns.get(column_name)
                    if want is None and have is None:
                        continue
                    if want is None or have is None or not sink.same(want, have):
                        faults = tell(
                            faults,
                            f"{name} in {sink.name}: {entity!r} {column_name} is {have!r}, expected {want!r}",
                        )
        faults += compare_counts(name, counts, run, 2 if arrangement == "twice" else 1)
    print(f"{faults} differences")
    return 1 if faults else 0


def compare_counts(name, counts, run, times):
    """The run's counters against the oracle's, summed over lanes, for each sink."""
    faults = 0
    for sink in ["online", "profiles", "lake"]:
        rows = [row for row in run["rows"] if row["feature"] == name and row["sink"] == sink]
        sums = {key: sum(row[key] for row in rows) for key in rows[0] if isinstance(rows[0][key], int)}
        wanted = {
            "records": counts["rows_in"],
            "filtered": counts["filtered_out"],
            "refused": counts["null_key"] + counts["null_time"],
            "rows": counts["rows_out"],
        }
        for key, want in wanted.items():
            if sums[key] != want * times:
                faults = tell(faults, f"{name} in {sink}: {key} {sums[key]}, expected {want * times}")
        if sum(sums[outcome] for outcome in verify.OUTCOMES) != sums["rows"]:
            faults = tell(faults, f"{name} in {sink}: the outcomes do not add up to {sums['rows']} rows: {sums}")
        if sums["dead_lettered"] or sums["expired"]:
            faults = tell(faults, f"{name} in {sink}: rows were lost: {sums}")
    return faults


def tell(faults, text):
    if faults < 20:
        print("DIFFERENT " + text)
    return faults + 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["stage", "compare"])
    parser.add_argument("data")
    parser.add_argument("work")
    parser.add_argument("arrangement", choices=ARRANGEMENTS)
    parser.add_argument("--redis-port", type=int, required=True)
    parser.add_argument("--mongo-port", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    a = parser.parse_args()
    if a.command == "stage":
        stage(a.data, a.work, a.arrangement, a.redis_port, a.mongo_port, a.seed)
        return 0
    return compare(a.data, a.work, a.arrangement, a.redis_port, a.mongo_port)


if __name__ == "__main__":
    sys.exit(main())
