// SPDX-License-Identifier: MIT

package import CameraCore

/// The bytes of an MP4 file that is whole at every moment (ISO/IEC 14496-12).
///
/// While it is written it is a fragmented one: `ftyp`, a `free` box of 16 bytes, a movie without samples, then fragments. In
/// the end a movie with all samples follows, and the 16 bytes become the head of one `mdat` box over all that lies between:
/// an ordinary file, of which no picture was moved.
///
/// In segments, as HTTP Live Streaming has them, it has no end: the beginning is a file of its own without the `free` box,
/// fragments lie in files of their own, and nothing is kept of them.
package struct MP4Writer {
    /// Ticks of a second; times of sensors are rounded to it from the file's beginning, so that no error adds up.
    package static let timescale = 90_000

    /// A picture that is to be put into a fragment.
    package struct Picture {
        /// The track's index.
        package var track = 0
        /// Its bytes, units of a byte stream.
        package var bytes: UnsafeRawBufferPointer
        /// When it is shown, from the file's beginning.
        package var time: Duration
        /// When a decoder needs it.
        package var decodeTime: Duration
        package var isKey: Bool
        /// Bytes of parameter sets in front.
        package var headerByteCount: Int

        package init(
            track: Int = 0, bytes: UnsafeRawBufferPointer, time: Duration, decodeTime: Duration, isKey: Bool,
            headerByteCount: Int
        ) {
            (self.track, self.bytes) = (track, bytes)
            (self.time, self.decodeTime) = (time, decodeTime)
            (self.isKey, self.headerByteCount) = (isKey, headerByteCount)
        }
    }

    private let options: MP4Options
    private let created: UInt64
    private let isSegmented: Bool
    private(set) var tracks: [MP4Track]
    /// Bytes of the file so far, and where the `free` box is.
    private var position = 0
    private var placeholder = 0
    /// The movie at the file's beginning.
    private var movie: [UInt8] = []
    private var fragmentCount: UInt32 = 0
    /// The fragment that is being filled: its pictures' bytes, and what is known about each.
    private var data = BoxBytes()
    /// The last fragment; its memory serves the next one.
    private var lastFragment = BoxBytes()
    private var pending: [Pending] = []

    private struct Pending {
        let track: Int
        let start: Int
        let size: Int
        let decodeTime: Int
        let compositionOffset: Int
        let isKey: Bool
        let description: Int
    }

    /// Makes a writer for streams whose parameter sets are known.
    package init(
        _ streams: [(stream: StreamDescription, sets: ParameterSets)], _ options: MP4Options, created: WallTime,
        isSegmented: Bool = false
    ) {
        self.options = options
        self.isSegmented = isSegmented
        // Seconds since 1904, in UTC.
        self.created = UInt64(clamping: created.nanosecondsSince1970 / 1_000_000_000 + 2_082_844_800)
        tracks = streams.enumerated().map { index, entry in
            MP4Track(
                number: UInt32(index + 1), entry.stream, entry.sets, rotation: options.rotation,
                timescale: Self.timescale)
        }
    }

    /// Whether a picture waits for the end of its fragment.
    var hasPending: Bool { !pending.isEmpty }

    /// Bytes of the pictures that wait.
    var pendingByteCount: Int { data.bytes.count }

    /// When a decoder needs the first picture that waits, from the file's beginning; nil when none does.
    var pendingStart: Duration? {
        pending.first.map { .seconds($0.decodeTime) / Self.timescale }
    }

    // MARK: While it is written

    /// The beginning of the file.
    package mutating func header() -> [UInt8] {
        var file = BoxBytes()
        file.box("ftyp") { box in
            box.put(code: options.brand.code)
            box.put(UInt32(0x200))
            for brand in ["isom", "iso6", "mp41"] as [StaticString] { box.put(code: brand) }
            if case .mov = options.brand { box.put(code: "qt  ") }
        }
        placeholder = file.bytes.count
        if !isSegmented { file.box("free") { $0.putZeros(8) } }
        let start = file.bytes.count
        putMovie(into: &file)
        movie = Array(file.bytes[start...])
        position = file.bytes.count
        return file.bytes
    }

    /// Takes a picture into the fragment.
    package mutating func add(_ picture: Picture) {
        let isH265 = tracks[picture.track].isH265
        let start = data.bytes.count
        var sets: ParameterSets?
        if picture.headerByteCount > 0 {
            let head = UnsafeRawBufferPointer(rebasing: picture.bytes.prefix(picture.headerByteCount))
            sets = ParameterSets(in: head, isH265: isH265)
        }
        let description = tracks[picture.track].description(for: sets)
        UnitKind.forEachUnit(in: picture.bytes, isH265: isH265) { kind, unit in
            if case .delimiter = kind { return }
            // A file whose end was not written has the first description alone: other sets stay among the pictures.
            if kind.isParameterSet, tracks[picture.track].describes(unit) { return }
            data.put(UInt32(clamping: unit.count))
            data.put(contentsOf: unit)
        }
        let before =
            pending.last { $0.track == picture.track }?.decodeTime ?? tracks[picture.track].lastDecodeTime
        // A time that does not go on is moved by one tick.
        let decodeTime = max(Self.ticks(picture.decodeTime), before.map { $0.saturatingAdd(1) } ?? 0)
        pending.append(
            Pending(
                track: picture.track, start: start, size: data.bytes.count - start, decodeTime: decodeTime,
                compositionOffset: Self.ticks(picture.time).saturatingSubtract(decodeTime), isKey: picture.isKey,
                description: description))
    }

    /// The fragment with what was taken since the last one (14496-12, 8.8.4), to be written at once.
    ///
    /// - Parameter next: When a decoder needs the picture behind it, from the file's beginning; nil where that is not known,
    ///   so that the last one is told to be shown for its nominal duration.
    /// - Returns: The bytes.
    package mutating func fragment(until next: Duration? = nil) -> [UInt8] {
        var file = BoxBytes()
        swap(&file, &lastFragment)
        defer { lastFragment = file }
        file.removeAll()
        fragmentCount += 1
        // Where each track's bytes are told to begin, to be filled in when the length of the box is known.
        var places: [(place: Int, start: Int)] = []
        file.box("moof") { fragment in
            fragment.box("mfhd", version: 0) { $0.put(fragmentCount) }
            var index = 0
            while index < pending.count {
                let end = pending[index...].firstIndex { $0.track != pending[index].track } ?? pending.count
                putRun(pending[index..<end], until: next.map(Self.ticks), into: &fragment, &places)
                index = end
            }
        }
        let dataStart = file.bytes.count + 8
        for (place, start) in places { file.replace(at: place, by: UInt32(clamping: dataStart + start)) }
        file.put(UInt32(clamping: 8 + data.bytes.count))
        file.put(code: "mdat")
        file.put(contentsOf: data.bytes)
        for sample in pending {
            tracks[sample.track].lastDecodeTime = sample.decodeTime
            guard !isSegmented else { continue }
            tracks[sample.track].add(
                SampleTable.Sample(
                    offset: position + dataStart + sample.start, size: sample.size, decodeTime: sample.decodeTime,
                    compositionOffset: sample.compositionOffset, isKey: sample.isKey),
                description: sample.description)
        }
        position += file.bytes.count
        pending.removeAll(keepingCapacity: true)
        data.removeAll()
        return file.bytes
    }

    /// Pictures of one track in a fragment (14496-12, 8.8.6 to 8.8.8).
    private func putRun(
        _ samples: ArraySlice<Pending>, until end: Int?, into fragment: inout BoxBytes,
        _ places: inout [(place: Int, start: Int)]
    ) {
        guard let first = samples.first else { return }
        let track = tracks[first.track]
        fragment.box("traf") { box in
            box.box("tfhd", version: 0, flags: FragmentRun.trackFlags) { $0.put(track.number) }
            box.box("tfdt", version: 1) { $0.put(UInt64(first.decodeTime)) }
            // Version 1: pictures may be shown before they are needed.
            box.box("trun", version: 1, flags: FragmentRun.runFlags) { run in
                run.put(UInt32(samples.count))
                places.append((run.bytes.count, first.start))
                run.put(UInt32(0))
                for index in samples.indices {
                    let sample = samples[index]
                    let next = index + 1 < samples.endIndex ? samples[index + 1].decodeTime : end
                    run.put(UInt32(clamping: next.map { max($0 - sample.decodeTime, 1) } ?? track.nominalDuration))
                    run.put(UInt32(clamping: sample.size))
                    run.put(sample.isKey ? FragmentRun.keyFlags : FragmentRun.otherFlags)
                    run.put(UInt32(bitPattern: Int32(clamping: sample.compositionOffset)))
                }
            }
        }
    }

    // MARK: In the end

    /// How long the movie in the end will be, at most.
    var movieByteCount: Int {
        tracks.reduce(2 * movie.count) { $0 + SampleEntries.mostBytes * $1.samples.count }
    }

    /// Makes an ordinary file of it.
    ///
    /// - Parameter append: Takes the pieces of the movie, which follow the pictures.
    /// - Returns: What is then to be written over the `free` box, and where that is.
    /// - Throws: What `append` throws.
    package func finish(_ append: @escaping ([UInt8]) throws -> Void) throws -> (head: [UInt8], place: Int) {
        let finished = Dictionary(uniqueKeysWithValues: tracks.map { ($0.number, $0.finished) })
        try MP4Movie(movie)?.finish(with: finished, append)
        return (Self.head(over: position - placeholder), placeholder)
    }

    /// The head of a box over all pictures, as long as the `free` box that it replaces.
    static func head(over byteCount: Int) -> [UInt8] {
        var head = BoxBytes()
        // A size of 1 says that the true one follows the type, in 64 bits.
        head.put(UInt32(1))
        head.put(code: "mdat")
        head.put(UInt64(byteCount))
        return head.bytes
    }

    private func putMovie(into file: inout BoxBytes) {
        file.box("moov") { movie in
            movie.box("mvhd", version: 1) { box in
                box.put(created)
                box.put(created)
                box.put(UInt32(Self.timescale))
                box.put(UInt64(0))
                // As fast as it was recorded, at full volume, as it lies.
                box.put(UInt32(1 << 16))
                box.put(UInt16(1 << 8))
                box.putZeros(10)
                for value in [1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30] as [UInt32] { box.put(value) }
                box.putZeros(24)
                box.put(UInt32(tracks.count + 1))
            }
            for track in tracks { track.put(into: &movie, created: created) }
            movie.box("mvex") { box in
                for track in tracks {
                    box.box("trex", version: 0) { defaults in
                        defaults.put(track.number)
                        defaults.put(UInt32(1))
                        defaults.putZeros(12)
                    }
                }
            }
            putTexts(into: &movie)
        }
    }

    /// Title and comment, as iTunes has them.
    private func putTexts(into movie: inout BoxBytes) {

        guard options.title != nil || options.comment != nil else { return }
        movie.box("udta") { data in
            data.box("meta", version: 0) { meta in
                meta.box("hdlr", version: 0) { box in
                    box.put(UInt32(0))
                    box.put(code: "mdirappl")
                    box.putZeros(9)
                }
                meta.box("ilst") { list in
                    if let title = options.title { Self.put(title, marked: "nam", into: &list) }
                    if let comment = options.comment { Self.put(comment, marked: "cmt", into: &list) }
                }
            }
        }
    }

    /// A text under a code that begins with a copyright sign of one byte.
    private static func put(_ text: String, marked code: StaticString, into list: inout BoxBytes) {
        let bytes = Array(text.utf8)
        list.put(UInt32(clamping: 8 + 16 + bytes.count))
        list.put(UInt8(0xA9))
        list.put(code: code)
        list.box("data") { box in
            // UTF-8.
            box.put(UInt32(1))
            box.put(UInt32(0))
            box.put(contentsOf: bytes)
        }
    }

    /// A time in ticks.
    static func ticks(_ time: Duration) -> Int {
        let (seconds, attoseconds) = time.components
        let rest = (Double(attoseconds) * Double(timescale) / 1e18).rounded()
        return Int(seconds).saturatingMultiply(by: timescale).saturatingAdd(Int(rest))
    }
}
