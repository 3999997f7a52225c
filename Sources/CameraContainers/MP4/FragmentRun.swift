// SPDX-License-Identifier: MIT

/// The samples of one track in a fragment, as ``MP4Writer`` writes them (ISO/IEC 14496-12, 8.8.6 to 8.8.8).
struct FragmentRun {
    struct Sample {
        let duration: Int
        let size: Int
        let isKey: Bool
        let compositionOffset: Int
    }

    /// Offsets count from the beginning of the fragment.
    static let trackFlags: UInt32 = 0x020000
    /// An offset; a duration, size, flags and time for each sample.
    static let runFlags: UInt32 = 0x000F01
    /// Needs no other picture.
    static let keyFlags: UInt32 = 0x0200_0000
    /// Needs others, and decoding cannot start there.
    static let otherFlags: UInt32 = 0x0101_0000

    private(set) var track: UInt32 = 0
    private(set) var decodeTime = 0
    /// Where the samples begin, from the beginning of the fragment.
    private(set) var dataOffset = 0
    private(set) var samples: [Sample] = []

    /// Bytes of all samples.
    var byteCount: Int { samples.reduce(0) { $0 + $1.size } }

    /// Reads a `moof` box; nil for one that is none of ours.
    static func runs(in fragment: [UInt8]) -> [FragmentRun]? {
        var runs: [FragmentRun] = []
        var reader = BoxReader(bytes: fragment[...])
        guard var boxes = reader.box("moof"), boxes.box("mfhd") != nil else { return nil }
        while let track = boxes.box("traf") {
            guard let run = FragmentRun(track) else { return nil }
            runs.append(run)
        }
        return boxes.bytes.isEmpty ? runs : nil
    }

    private init?(_ content: BoxReader) {
        var boxes = content
        guard var header = boxes.box("tfhd"), var time = boxes.box("tfdt"), var run = boxes.box("trun"),
            header.number(4) == Int(Self.trackFlags), let track = header.number(4),
            time.number(4) == 1 << 24, let decodeTime = time.number(8), decodeTime < 1 << 60,
            run.number(4) == 1 << 24 | Int(Self.runFlags), let count = run.number(4), let offset = run.number(4),
            run.bytes.count == 16 * count
        else { return nil }
        self.track = UInt32(truncatingIfNeeded: track)
        self.decodeTime = decodeTime
        dataOffset = offset
        for _ in 0..<count {
            guard let duration = run.number(4), let size = run.number(4), let flags = run.number(4),
                let shift = run.number(4)
            else { return nil }
            samples.append(
                Sample(
                    duration: duration, size: size, isKey: flags == Int(Self.keyFlags),
                    compositionOffset: Int(Int32(truncatingIfNeeded: shift))))
        }
    }
}
