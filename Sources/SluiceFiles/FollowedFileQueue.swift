/// Whose turn it is: some files are active and give a batch each in turn, the others wait for a place, first come first
/// served.
struct FollowedFileQueue {
    private var active: [FollowedFile] = []
    private var turn = 0
    /// The files that wait, from `first` on; what stands before has gone.
    private var waiting: [FollowedFile?] = []
    private var first = 0

    var isEmpty: Bool { active.isEmpty && first == waiting.count }

    /// A file that has something to read takes its place at the end, if it has none.
    mutating func add(_ file: FollowedFile) {
        guard file.stage == .idle else { return }
        file.stage = .waiting
        waiting.append(file)
    }

    /// The file whose turn it is, while at most `places` are active. It stays until `pass` or `rest`.
    mutating func next(places: Int) -> FollowedFile? {
        while active.count < places, first < waiting.count {
            let file = waiting[first]!
            waiting[first] = nil
            first += 1
            // One that was removed meanwhile is idle.
            guard file.stage == .waiting else { continue }
            file.stage = .active
            file.turns = 0
            active.append(file)
        }
        if first == waiting.count || first > 1024 && first > waiting.count / 2 {
            waiting.removeFirst(first)
            first = 0
        }
        guard !active.isEmpty else { return nil }
        if turn >= active.count { turn = 0 }
        return active[turn]
    }

    /// Ends the turn of the file that `next` gave; it has more to read.
    mutating func pass(_ file: FollowedFile, keepsPlace: Bool) {
        if keepsPlace || first == waiting.count {
            turn += 1
        } else {
            leave(file)
            add(file)
        }
    }

    /// Ends the turn of the file that `next` gave; it has no more to read.
    mutating func rest(_ file: FollowedFile) { leave(file) }

    /// Takes out a file that is not to be read any more.
    mutating func remove(_ file: FollowedFile) {
        if file.stage == .active { leave(file) }
        file.stage = .idle
    }

    mutating func removeAll() { self = FollowedFileQueue() }

    private mutating func leave(_ file: FollowedFile) {
        guard let place = active.firstIndex(where: { $0 === file }) else { return }
        active.remove(at: place)
        if place < turn { turn -= 1 }
        file.stage = .idle
    }
}
