// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs

/// One recording to a playlist: makes segments of its pictures, each from a key frame on.
///
/// The pictures of a segment are one fragment, which is written when the next segment begins: then the time of each picture is
/// known to the end of its duration, so that players have no gap between two. A segment of more than ``memoryLimit`` becomes
/// several fragments. Times are counted from the recording's first picture through all segments.
struct HLSRun {
    /// The most bytes of pictures that wait to be written.
    static let memoryLimit = 2_000_000

    private(set) var folder: HLSFolder
    let stream: StreamDescription
    private let options: HLSOptions
    private var playlist: HLSPlaylist
    /// How long all segments are together, in ticks: the clock by which old ones are deleted.
    private var total = 0
    private var nextPart: Int
    private var nextSegment: Int
    /// The part that pictures go to; nil before the first.
    private var part: Part?
    private var segment: Segment?
    private var first: PacketInfo?
    private var last: PacketInfo?
    /// How long a key frame took to come after it was asked for: it is asked for so much earlier the next time.
    private var lead = Duration.zero

    /// A stretch without a discontinuity.
    private struct Part {
        let number: Int
        let sets: ParameterSets
        var writer: MP4Writer
        var hasSegment = false
    }

    /// A segment that takes pictures.
    private struct Segment {
        let name: String
        let first: PacketInfo
        /// When the last of its pictures is shown.
        var shown: Duration
        /// When a key frame was asked for; nil before.
        var asked: Duration?
        /// Its file, once a part of it had to be written.
        var file: FileOutput?
    }

    /// Begins behind what is in the folder.
    init(_ stream: StreamDescription, _ options: HLSOptions, _ folder: HLSFolder) {
        self.stream = stream
        self.options = options
        self.folder = folder
        playlist = HLSPlaylist(folder.names, options, interval: stream.frameRate.interval)
        let kept: Duration =
            switch options.window {
            case .segments(let count): options.segmentDuration.saturatingMultiply(by: count)
            case .duration(let duration): duration
            case .all: .zero
            }
        (nextPart, nextSegment) = self.folder.takeOver(until: MP4Writer.ticks(kept))
    }

    // MARK: Pictures

    /// Takes a picture.
    ///
    /// - Returns: Whether a key frame is to be asked for.
    mutating func add(_ bytes: UnsafeRawBufferPointer, _ info: PacketInfo) throws(CameraError) -> Bool {
        if info.isKeyFrame || part == nil { try prepare(for: bytes, info) }
        // Taken out, so that the pictures that wait are not copied.
        guard let first, var part = part.take() else { return false }
        // Only here is the time known until which the pictures before are shown.
        if part.writer.pendingByteCount >= Self.memoryLimit {
            let piece = part.writer.fragment(until: info.decodeTimestamp - first.decodeTimestamp)
            try write(piece, info)
        }
        part.writer.add(
            MP4Writer.Picture(
                bytes: bytes, time: info.timestamp - first.timestamp,
                decodeTime: info.decodeTimestamp - first.decodeTimestamp, isKey: info.isKeyFrame,
                headerByteCount: info.headerByteCount))
        self.part = part
        last = info
        return noteShown(info)
    }

    /// Notes a picture of the segment; whether a key frame is to be asked for behind it.
    private mutating func noteShown(_ info: PacketInfo) -> Bool {
        guard var segment else { return false }
        segment.shown = max(segment.shown, info.timestamp)
        let mustAsk =
            segment.asked == nil && info.timestamp - segment.first.timestamp >= options.segmentDuration - lead
        if mustAsk { segment.asked = info.timestamp }
        self.segment = segment
        return mustAsk
    }

    /// Begins a part and a segment with a picture where one is to begin.
    private mutating func prepare(for bytes: UnsafeRawBufferPointer, _ info: PacketInfo) throws(CameraError) {
        let isH265 = stream.format == .h265
        let own = ParameterSets(
            in: UnsafeRawBufferPointer(rebasing: bytes.prefix(info.headerByteCount)), isH265: isH265)
        let isNew = own.configuration != nil && own != part?.sets
        // The camera was away: nobody wants to look at its last picture for so long.
        let isLate = last.map { info.decodeTimestamp - $0.decodeTimestamp > .seconds(playlist.targetDuration) } ?? false
        if let segment {
            let isFull =
                segment.asked != nil || info.timestamp - segment.first.timestamp >= options.segmentDuration
            guard isNew || isLate || isFull else { return }
            if let asked = segment.asked, !isLate {
                lead = min(max(info.timestamp - asked, .zero), options.segmentDuration * 3 / 4)
            }
            try endSegment(before: isLate ? nil : info)
        }
        first = first ?? info
        if part == nil || isNew || isLate { try beginPart(own, info) }
        beginSegment(info)
    }

    private mutating func beginPart(_ own: ParameterSets, _ info: PacketInfo) throws(CameraError) {
        let sets: ParameterSets
        if own.configuration != nil {
            sets = own
        } else if let present = part?.sets {
            sets = present
        } else {
            sets = stream.parameterSets.withUnsafeBytes { ParameterSets(in: $0, isH265: stream.format == .h265) }
        }
        guard sets.configuration != nil else {
            throw CameraError(
                .codec, HLSFolder.operation, subject: folder.names.playlist,
                reason: "the stream has no parameter sets that could be read, which a segment of MP4 needs")
        }
        var writer = MP4Writer([(stream, sets)], MP4Options(), created: info.wallTime, isSegmented: true)
        try folder.write(writer.header(), to: folder.names.initialization(of: nextPart), info)
        part = Part(number: nextPart, sets: sets, writer: writer)
        nextPart += 1
    }

    private mutating func beginSegment(_ info: PacketInfo) {
        guard let part else { return }
        segment = Segment(
            name: folder.names.segment(nextSegment, of: part.number), first: info, shown: info.timestamp)
    }

    // MARK: Segments

    /// Writes bytes of the present segment.
    private mutating func write(_ bytes: [UInt8], _ info: PacketInfo) throws(CameraError) {
        guard let segment else { return }
        let file = if let file = segment.file { file } else { try folder.make(segment.name) }
        self.segment?.file = file
        do throws(CameraError) {
            try file.write(bytes.span.bytes, info)
        } catch {
            // What is incomplete is listed by nobody.
            try? file.close()
            _ = FileUse.delete(file.path)
            throw error
        }
    }

    /// Completes the present segment and lists it.
    ///
    /// - Parameters:
    ///   - next: The first picture of the next one, up to which its last is shown; nil where none follows at once.
    ///   - isLast: Whether the recording ends with it.
    /// - Throws: `.output`.
    private mutating func endSegment(before next: PacketInfo?, isLast: Bool = false) throws(CameraError) {
        guard let first, let last, let begun = segment, var part = part.take() else { return }
        let piece = part.writer.fragment(until: next.map { $0.decodeTimestamp - first.decodeTimestamp })
        try write(piece, last)
        try segment?.file?.close()
        segment = nil
        // In ticks from the first picture, as the segment has it: no error adds up.
        let start = MP4Writer.ticks(begun.first.timestamp - first.timestamp)
        let end =
            if let next {
                MP4Writer.ticks(next.timestamp - first.timestamp)
            } else {
                MP4Writer.ticks(begun.shown - first.timestamp) + part.writer.tracks[0].nominalDuration
            }
        let removed = playlist.append(
            HLSPlaylist.Segment(
                number: nextSegment, part: part.number, isDiscontinuity: !part.hasSegment && part.number > 0,
                duration: max(end - start, 1), begins: begun.first.wallTime))
        nextSegment += 1
        total += max(end - start, 1)
        part.hasSegment = true
        self.part = part
        expire(removed)
        try folder.publish(playlist.text(isComplete: isLast), last)
        folder.deleteExpired(at: total)
    }

    /// Has segments go that are listed no more.
    ///
    /// They stay for as long as they play and the longest playlist that named them (RFC 8216, 6.2.2), for players that read it
    /// just before.
    private mutating func expire(_ removed: [HLSPlaylist.Segment]) {
        for (index, segment) in removed.enumerated() {
            let when = total + segment.duration + playlist.longest
            folder.expire(folder.names.segment(segment.number, of: segment.part), when: when)
            let next = index + 1 < removed.count ? removed[index + 1] : playlist.segments.first
            guard let next, next.part != segment.part else { continue }
            folder.expire(folder.names.initialization(of: segment.part), when: when)
        }
    }

    // MARK: The end

    /// Completes the last segment, and says in the playlist that none follows.
    mutating func finish() throws(CameraError) {
        try endSegment(before: nil, isLast: true)
    }

    /// Says in the playlist that none follows those that it has, since writing failed.
    mutating func giveUp() {
        guard let last, !playlist.segments.isEmpty else { return }
        // The error that counts is the one before.
        try? folder.publish(playlist.text(isComplete: true), last)
    }
}
