// SPDX-License-Identifier: MIT

/// The `moov` box of a file of this package, taken apart so that it can be given the samples of the finished file.
struct MP4Movie {
    /// What a track of the finished file has that its movie did not tell in the beginning.
    struct Track {
        var samples = SampleTable()
        /// Further descriptions of pictures, complete boxes.
        var descriptions: [[UInt8]] = []
        /// How long the last picture is shown, in ticks.
        var nominalDuration = 0

        /// When the track ends, from the file's beginning, in ticks.
        var end: Int { samples.shown.last + nominalDuration }
    }

    private struct Box {
        let code: String
        var content: [UInt8] = []
        /// The boxes in it, of those that hold nothing else.
        var children: [Box]?
        /// The entries behind its content, which are made while they are written.
        var table: SampleEntries?

        /// Its bytes, with size and type.
        var byteCount: Int {
            (children ?? []).reduce(8 + content.count + (table?.byteCount ?? 0)) { $0 + $1.byteCount }
        }
    }

    private var movie: Box
    private static let containers: Set = ["moov", "trak", "mdia", "minf", "stbl"]

    /// Takes a movie apart; nil for what is none of this package.
    ///
    /// - Parameter bytes: The whole box.
    init?(_ bytes: [UInt8]) {
        guard let boxes = Self.boxes(in: bytes[...]), boxes.count == 1, boxes[0].code == "moov" else { return nil }
        movie = boxes[0]
        guard !trackNumbers.isEmpty, trackNumbers.allSatisfy({ $0 != nil }) else { return nil }
    }

    /// The numbers of the tracks.
    var trackNumbers: [UInt32?] {
        (movie.children ?? []).filter { $0.code == "trak" }.map(Self.number)
    }

    /// Whether the samples are in fragments.
    var isOfFragments: Bool { movie.children?.contains { $0.code == "mvex" } ?? false }

    /// Makes the movie of the finished file.
    ///
    /// - Parameters:
    ///   - tracks: What is known of the tracks now, by their numbers.
    ///   - append: Takes the movie in pieces of some 64 KiB, so that one of any length takes little memory.
    /// - Throws: What `append` throws.
    func finish(with tracks: [UInt32: Track], _ append: @escaping ([UInt8]) throws -> Void) throws {
        var movie = movie
        movie.children = movie.children?.filter { $0.code != "mvex" }.map { box in
            var box = box
            switch box.code {
            case "mvhd": Self.put(UInt64(tracks.values.map(\.end).max() ?? 0), into: &box, at: 24)
            case "trak": Self.number(of: box).flatMap { tracks[$0] }.map { Self.finish(&box, $0) }
            default: break
            }
            return box
        }
        var pieces = BoxPieces(append)
        try Self.put(movie, into: &pieces)
        try pieces.flush()
    }

    // MARK: Tracks

    private static func finish(_ track: inout Box, _ facts: Track) {
        let start = facts.samples.first?.decodeTime ?? 0
        let duration = UInt64(max(facts.end - start, 0))
        change("tkhd", in: &track) { put(UInt64(max(facts.end, 0)), into: &$0, at: 28) }
        change("mdia", in: &track) { media in
            change("mdhd", in: &media) { put(duration, into: &$0, at: 24) }
            change("minf", in: &media) { information in
                change("stbl", in: &information) { table in
                    table.children = tables(of: table, facts)
                }
            }
        }
        guard facts.samples.shown.first > 0, let place = track.children?.firstIndex(where: { $0.code == "mdia" }) else {
            return
        }
        track.children?.insert(delay(facts), at: place)
    }

    /// Has a track begin later than the file (14496-12, 8.6.6).
    private static func delay(_ facts: Track) -> Box {
        let shown = facts.samples.shown.first
        let decoded = facts.samples.first?.decodeTime ?? 0
        // Nothing until the first picture is shown, then all from there on, both as fast as it was recorded. Where a picture is
        // shown some time after it is decoded, players do not agree on what an edit from the track's beginning on means.
        let edits = [(length: shown, start: -1), (length: facts.end - shown, start: shown - decoded)]
        var bytes = BoxBytes()
        bytes.box("elst", version: 1) { box in
            box.put(UInt32(edits.count))
            for edit in edits {
                box.put(UInt64(max(edit.length, 0)))
                box.put(Int64(edit.start))
                box.put(UInt32(1 << 16))
            }
        }
        return Box(code: "edts", content: bytes.bytes)
    }

    /// The descriptions, and the tables of times, sizes and places (14496-12, 8.5 to 8.7).
    private static func tables(of table: Box, _ facts: Track) -> [Box] {
        var boxes = (table.children ?? []).filter { $0.code == "stsd" }
        if !boxes.isEmpty, !facts.descriptions.isEmpty {
            // Behind version, flags and the count.
            var count = BoxBytes()
            count.put(UInt32(clamping: 1 + facts.descriptions.count))
            boxes[0].content.replaceSubrange(4..<8, with: count.bytes)
            for description in facts.descriptions { boxes[0].content += description }
        }
        for entries in SampleEntries.tables(of: facts.samples, end: facts.end) {
            var head = BoxBytes()
            head.put(UInt32(entries.kind.version) << 24)
            // A size for all would stand in front of the count.
            if case .sizes = entries.kind { head.put(UInt32(0)) }
            head.put(UInt32(clamping: entries.count))
            boxes.append(Box(code: entries.kind.code, content: head.bytes, table: entries))
        }
        return boxes
    }

    private static func number(of track: Box) -> UInt32? {
        // Behind version, flags and two times of eight bytes.
        guard let header = track.children?.first(where: { $0.code == "tkhd" }), header.content.count >= 36,
            header.content[0] == 1
        else { return nil }
        return header.content[20..<24].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func change(_ code: String, in box: inout Box, _ body: (inout Box) -> Void) {
        guard var children = box.children, let index = children.firstIndex(where: { $0.code == code }) else { return }
        body(&children[index])
        box.children = children
    }

    /// Replaces eight bytes, where there are so many.
    private static func put(_ value: UInt64, into box: inout Box, at place: Int) {
        guard box.content.count >= place + 8 else { return }
        var bytes = BoxBytes()
        bytes.put(value)
        box.content.replaceSubrange(place..<place + 8, with: bytes.bytes)
    }

    // MARK: Bytes

    private static func boxes(in bytes: ArraySlice<UInt8>, depth: Int = 0) -> [Box]? {
        guard depth <= 5 else { return nil }
        var boxes: [Box] = []
        var rest = bytes
        while !rest.isEmpty {
            guard rest.count >= 8 else { return nil }
            let size = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard size >= 8, size <= rest.count else { return nil }
            // Latin 1: some codes begin with a copyright sign.
            let code = String(String.UnicodeScalarView(rest.dropFirst(4).prefix(4).map { Unicode.Scalar($0) }))
            let content = rest.prefix(size).dropFirst(8)
            if containers.contains(code) {
                guard let children = Self.boxes(in: content, depth: depth + 1) else { return nil }
                boxes.append(Box(code: code, children: children))
            } else {
                boxes.append(Box(code: code, content: Array(content)))
            }
            rest = rest.dropFirst(size)
        }
        return boxes
    }

    private static func put(_ box: Box, into file: inout BoxPieces) throws {
        try file.put { bytes in
            bytes.put(UInt32(clamping: box.byteCount))
            bytes.put(contentsOf: box.code.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
            bytes.put(contentsOf: box.content)
        }
        for child in box.children ?? [] { try put(child, into: &file) }
        try box.table?.write(to: &file)
    }
}
