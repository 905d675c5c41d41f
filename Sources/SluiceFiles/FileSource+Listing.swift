internal import SluiceCore

extension FileSource {
    /// A file that a listing shows and that has no ordinal yet.
    private struct Newcomer {
        var status: FileStatus
        var sighting: FileSighting
    }

    /// Lists the stream's files and compares them with what is known. Returns whether anything changed.
    func relist() throws(SourceTrouble) -> Bool {
        try loadCursors()
        let listing = try FileListing(path: configuration.path)
        root = listing.root
        listings += 1
        notice = listing.files.isEmpty ? "\(configuration.path): there is no data file yet" : nil
        var troubles = listing.troubles
        var changed = false
        var newcomers: [FileListing.File] = []
        for listed in listing.files {
            if let file = files[listed.path] {
                file.lastListing = listings
                guard file.status != listed.status else {
                    tryAgain(file)
                    continue
                }
                changed = true
                if try isSame(file, listed, &troubles) { continue }
            }
            if listed.status.size > 0 { newcomers.append(listed) }
        }
        for file in files.values where file.lastListing != listings {
            changed = true
            detach(file, because: "was deleted")
        }
        changed = try register(newcomers, &troubles) || changed
        changed = tendDetached() || changed
        report(troubles)
        return changed
    }

    private func loadCursors() throws(SourceTrouble) {
        guard cursors == nil else { return }
        let (stream, sink) = (configuration.stream, configuration.sink)
        do throws(CoordinationTrouble) {
            let stored = try coordination.cursors(of: stream, sink: sink)
            cursors = FileCursors(stream: stream, sink: sink, stored: stored)
        } catch {
            throw SourceTrouble(error)
        }
    }

    /// What could not be opened for want of a right or of the disk's mood is tried at every listing, though a drain
    /// gives up after some; so is what may be in the middle of a write. What is damaged is tried only when it changes.
    private func tryAgain(_ file: FollowedFile) {
        if file.awaitsQuiet { queue.add(file) }
        guard case .unreachable = file.trouble else {
            file.failures = 0
            return
        }
        file.failures += 1
        if !configuration.endsAtLastByte || file.failures <= Self.failuresOfDrain { queue.add(file) }
    }

    // MARK: Known files

    /// Whether a path whose status changed still has the file that is known by it; if not, lets go of that one.
    private func isSame(
        _ file: FollowedFile, _ listed: FileListing.File, _ troubles: inout [SourceTrouble]
    ) throws(SourceTrouble) -> Bool {
        if listed.status.inode != file.status.inode {
            detach(file, because: "was replaced")
            return false
        }
        if listed.status.size < file.status.size {
            forget(file)
            replaced[file.path] = file.ordinal
            return false
        }
        guard let sighting = sighting(of: listed, &troubles) else { return true }
        if !file.identity.holds(for: sighting) {
            forget(file)
            replaced[file.path] = file.ordinal
            return false
        }
        file.status = listed.status
        if file.mayHaveMore { queue.add(file) }
        return true
    }

    /// Lets go of a file that is not what it was.
    func forget(_ file: FollowedFile) {
        queue.remove(file)
        file.close()
        files[file.path] = nil
    }

    /// A file has lost its path. If it is open, its rest can still be read.
    private func detach(_ file: FollowedFile, because reason: String) {
        files[file.path] = nil
        file.isDetached = true
        if file.isOpen {
            file.lastListing = listings
            detached.append(file)
        } else {
            queue.remove(file)
            if file.mayHaveMore, !file.isCompressed, file.trouble == nil {
                let lost = file.status.size - file.offset
                unreported.append(
                    .damaged("\(root + file.path.text) \(reason) before its last \(lost) bytes were read"))
            }
        }
    }

    /// Files without a path are read on as long as they grow from one listing to the next; then, what they end with
    /// is whole. Returns whether there are any.
    private func tendDetached() -> Bool {
        let isAny = !detached.isEmpty
        detached.removeAll { file in
            guard file.stage == .idle, file.lastListing < listings else { return false }
            guard !file.isFinal, file.isOpen, let status = try? file.presentStatus() else {
                file.close()
                return true
            }
            if status.size == file.status.size { file.isFinal = true }
            file.status = status
            queue.add(file)
            return false
        }
        return isAny
    }

    // MARK: New files

    /// The file at a listed path; `nil` when it is another one by now, has no byte, or cannot be read.
    private func sighting(of listed: FileListing.File, _ troubles: inout [SourceTrouble]) -> FileSighting? {
        do throws(DiskFault) {
            guard let file = try OpenFile.existing(root + listed.path.text) else { return nil }
            guard try file.status().inode == listed.status.inode else { return nil }
            let prefix = try file.bytes(at: 0, count: FileSighting.prefixLimit)
            guard !prefix.isEmpty else { return nil }
            return FileSighting(path: listed.path.text, number: try file.number(), prefix: prefix)
        } catch {
            troubles.append(error.sourceTrouble)
            return nil
        }
    }

    /// Gives new files their ordinals, in order of name, and queues what is left to read of them.
    private func register(
        _ listed: [FileListing.File], _ troubles: inout [SourceTrouble]
    ) throws(SourceTrouble) -> Bool {
        var rest = listed[...]
        var changed = false
        while !rest.isEmpty {
            let some = rest.prefix(Self.registeredAtOnce).compactMap { listed -> Newcomer? in
                guard var sighting = sighting(of: listed, &troubles) else { return nil }
                sighting.replaces = replaced[listed.path]
                return Newcomer(status: listed.status, sighting: sighting)
            }
            rest = rest.dropFirst(Self.registeredAtOnce)
            changed = changed || !some.isEmpty
            var again: [Newcomer] = []
            for (newcomer, ordinal) in zip(some, try ordinals(of: some.map(\.sighting))) {
                let offset = cursors!.offset(of: ordinal)
                if !newcomer.sighting.path.hasSuffix(".gz"), newcomer.status.size < offset {
                    var shrunk = newcomer
                    shrunk.sighting.replaces = ordinal
                    again.append(shrunk)
                } else {
                    follow(newcomer, ordinal: ordinal, from: offset)
                }
            }
            for (newcomer, ordinal) in zip(again, try ordinals(of: again.map(\.sighting))) {
                follow(newcomer, ordinal: ordinal, from: cursors!.offset(of: ordinal))
            }
        }
        return changed
    }

    private func ordinals(of files: [FileSighting]) throws(SourceTrouble) -> [UInt32] {
        guard !files.isEmpty else { return [] }
        do throws(CoordinationTrouble) {
            return try coordination.ordinals(of: files, stream: configuration.stream)
        } catch {
            throw SourceTrouble(error)
        }
    }

    private func follow(_ newcomer: Newcomer, ordinal: UInt32, from offset: UInt64) {
        let file = FollowedFile(
            path: FilePath(text: newcomer.sighting.path), ordinal: ordinal, identity: newcomer.sighting.identity,
            status: newcomer.status, offset: offset, format: configuration.format,
            isFinal: configuration.endsAtLastByte,
            wallClock: wallClock)
        file.lastListing = listings
        files[file.path] = file
        replaced[file.path] = nil
        if file.mayHaveMore { queue.add(file) }
    }

    // MARK: Troubles

    /// Keeps the troubles of a listing; those that the one before did not have are thrown by `read`, once.
    private func report(_ troubles: [SourceTrouble]) {
        let old = Set(listingTroubles)
        unreported += troubles.filter { !old.contains($0) }
        listingTroubles = troubles
    }
}
