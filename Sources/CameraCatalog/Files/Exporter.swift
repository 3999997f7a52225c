// SPDX-License-Identifier: MIT

internal import CameraContainers
internal import CameraCore
internal import CameraOutputs
internal import Glibc
internal import SystemPackage

/// Copies the pictures of a span from MP4 files into one.
struct Exporter {
    static let operation = "exporting a span"

    private let from: WallTime
    private let to: WallTime
    private let gaps: Catalog.GapHandling

    /// What was written so far.
    private struct Written {
        var first: StreamDescription
        /// When the file's first picture was taken.
        var start: WallTime
        /// Where the next picture goes when it follows at once.
        var end = Duration.zero
        /// The end of what was copied, in civil time.
        var wallEnd: WallTime
        var pictures = 0
        var files: [String] = []
        /// The parameter sets that the file has last.
        var sets: [UInt8]
    }

    init(from: WallTime, to: WallTime, _ gaps: Catalog.GapHandling) {
        (self.from, self.to, self.gaps) = (from, to, gaps)
    }

    /// Copies.
    ///
    /// - Parameters:
    ///   - files: The files with pictures of the span, the earliest first; one at least.
    ///   - path: The file to make.
    ///   - check: Throws when the work is to end; called now and then.
    /// - Returns: What the file has.
    /// - Throws: What ``Catalog/export(of:from:to:to:gaps:)`` throws; what `check` throws.
    func copy(
        _ files: [CatalogFile], to path: String, _ check: () throws(CameraError) -> Void
    ) throws(CameraError) -> CatalogExport {
        guard FileIdentity(path: path, followsLinks: false) == nil else {
            throw CameraError(
                .output, Self.operation, subject: path, reason: "there is a file of that name; choose another")
        }
        // In the end its head is written over, which a file that replaces another cannot have; so it is given its name here.
        let temporary = FileReplacement.temporaryName(beside: path)
        do {
            let written = try copy(files, into: temporary, check)
            try Self.rename(temporary, path)
            return CatalogExport(
                start: written.start, duration: written.end, pictures: written.pictures, files: written.files)
        } catch {
            _ = unlink(temporary)
            throw CameraError(wrapping: error, as: .output, Self.operation, subject: path)
        }
    }

    private func copy(
        _ files: [CatalogFile], into path: String, _ check: () throws(CameraError) -> Void
    ) throws -> Written {
        var output: MP4Output?
        defer { output?.discard() }
        var written: Written?
        for file in files {
            if let written, file.start.advanced(by: CatalogGap.shortest) < written.wallEnd { continue }
            let reader = try MP4Reader(file.path)
            let samples = try reader.samples()
            guard let range = range(of: samples, in: reader.video, of: file) else { continue }
            let stream = try stream(of: reader.video, like: written?.first, file)
            let target: MP4Output
            if let output {
                target = output
            } else {
                target = try makeOutput(path, reader.video)
                output = target
                try target.begin(stream)
            }
            let first = reader.video.time(samples[range.lowerBound].time)
            var progress =
                written
                ?? Written(
                    first: stream, start: file.start.advanced(by: first), wallEnd: file.start, sets: [])
            if case .kept = gaps, progress.pictures > 0 {
                let away = progress.wallEnd.distance(to: file.start)
                // Shorter ones are what times of files are not exact.
                if away >= CatalogGap.shortest { progress.end += away }
            }
            try copy(samples[range], of: reader, to: target, &progress, check)
            progress.wallEnd = file.end
            progress.files.append(file.path)
            written = progress
        }
        guard let written, let output else {
            throw CameraError(
                .nothingToCopy, Self.operation, subject: path, reason: "the files have no picture of that time")
        }
        try output.end()
        try output.close()
        return written
    }

    private func makeOutput(_ path: String, _ video: MP4VideoTrack) throws -> MP4Output {
        var options = MP4Options()
        options.fragments = .every(.seconds(1))
        options.rotation = video.rotation
        return MP4Output(try OpenedOutput(.path(path), sync: .onSplit), options: options)
    }

    /// The pictures that are copied, from a key frame on; nil for none.
    private func range(
        of samples: [MP4Sample], in video: MP4VideoTrack, of file: CatalogFile
    ) -> Range<Int>? {
        func moment(_ sample: MP4Sample) -> WallTime { file.start.advanced(by: video.time(sample.time)) }
        let keys = samples.indices.filter { samples[$0].isKey }
        guard let first = keys.last(where: { moment(samples[$0]) <= from }) ?? keys.first,
            let last = samples.lastIndex(where: { moment($0) < to }), last >= first
        else { return nil }
        return first..<last + 1
    }

    private func stream(
        of video: MP4VideoTrack, like first: StreamDescription?, _ file: CatalogFile
    ) throws -> StreamDescription {
        let size = video.descriptions[0].size
        guard video.descriptions.allSatisfy({ $0.size == size }),
            first.map({ $0.format == video.format && $0.size == size }) ?? true
        else {
            throw CameraError(
                .unsupported, Self.operation, subject: file.path,
                reason: "the format or size of the pictures changes there; export what lies before and behind it")
        }
        var stream = StreamDescription(
            format: video.format, size: size, frameRate: video.frameRate, color: video.color,
            parameterSets: video.descriptions[0].parameterSets)
        stream.pixelAspect = video.pixelAspect
        return stream
    }

    private func copy(
        _ samples: ArraySlice<MP4Sample>, of reader: MP4Reader, to output: MP4Output, _ written: inout Written,
        _ check: () throws(CameraError) -> Void
    ) throws {
        guard let first = samples.first else { return }
        let video = reader.video
        let start = written.end
        var end = start
        for (index, sample) in samples.enumerated() {
            if index.isMultiple(of: 256) { try check() }
            let time = start + video.time(sample.time - first.time)
            let decodeTime = start + video.time(sample.decodeTime - first.decodeTime)
            let description = video.descriptions[sample.description]
            // Each file brings its own sets, which the writer describes once.
            let header = description.parameterSets == written.sets ? [] : description.parameterSets
            written.sets = description.parameterSets
            let picture = try reader.bytes(of: sample)
            let info = PacketInfo(
                index: Int64(written.pictures), type: sample.isKey ? .key : .predicted, timestamp: time,
                decodeTimestamp: decodeTime, sensorTime: Timestamp(nanoseconds: time.nanoseconds),
                wallTime: written.start.advanced(by: time), headerByteCount: header.count)
            try output.write((header + picture).span.bytes, info)
            written.pictures += 1
            end = max(end, time)
        }
        // The last one is shown for as long as its file shows it, or until the next one that is left out.
        if samples.endIndex == video.count {
            written.end = max(end, start + video.time(video.ticks - first.time))
        } else {
            written.end = end + interval(of: video)
        }
    }

    private func interval(of video: MP4VideoTrack) -> Duration {
        .seconds(video.frameRate.denominator) / max(video.frameRate.numerator, 1)
    }

    /// Gives a file another name, unless there is a file of that name meanwhile.
    private static func rename(_ temporary: String, _ path: String) throws {
        if link(temporary, path) == 0 {
            _ = unlink(temporary)
            return
        }
        // File systems without links, such as those of memory cards, have no other way.
        guard [EPERM, EOPNOTSUPP].contains(errno), Glibc.rename(temporary, path) == 0 else {
            throw Errno(rawValue: errno)
        }
    }
}
