/// How far one name is from another, for "did you mean": the insertions, deletions, substitutions and swaps of
/// neighbours that make one of the other. Takes time and memory with the product and the sum of their lengths.
public func editDistance(_ one: [UInt8], _ other: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...other.count)
    for (row, byte) in one.enumerated() {
        var current = [row + 1]
        for (column, otherByte) in other.enumerated() {
            var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (byte == otherByte ? 0 : 1))
            if row > 0, column > 0, byte == other[column - 1], one[row - 1] == otherByte {
                cost = min(cost, beforeLast[column - 1] + 1)
            }
            current.append(cost)
        }
        (beforeLast, last) = (last, current)
    }
    return last[other.count]
}
