// SPDX-License-Identifier: MIT

/// The entries of one of the tables that a movie has of a track's samples (ISO/IEC 14496-12, 8.6 and 8.7).
///
/// They are made from the samples when they are counted, and again when they are written, and never lie in memory: the
/// movie of a day would take a hundred megabytes.
struct SampleEntries {
    enum Kind {
        /// How long each sample is decoded before the next, in runs.
        case durations
        /// When each is shown after it is decoded, in runs.
        case compositionOffsets
        /// The numbers of the samples where decoding can start.
        case keys
        /// Chunks, which are samples that lie together: from which one on there are as many of the same description.
        case chunkRuns
        case sizes
        /// Where each chunk begins, in 32 bits or in 64.
        case chunks, farChunks

        /// The box's type.
        var code: String {
            switch self {
            case .durations: "stts"
            case .compositionOffsets: "ctts"
            case .keys: "stss"
            case .chunkRuns: "stsc"
            case .sizes: "stsz"
            case .chunks: "stco"
            case .farChunks: "co64"
            }
        }

        /// Version 1 of times: pictures may be shown before they are needed.
        var version: UInt8 { if case .compositionOffsets = self { 1 } else { 0 } }

        fileprivate var entryByteCount: Int {
            switch self {
            case .keys, .sizes, .chunks: 4
            case .durations, .compositionOffsets, .farChunks: 8
            case .chunkRuns: 12
            }
        }
    }

    /// What a sample adds to all tables, at most.
    static let mostBytes = 48

    let kind: Kind
    let count: Int
    private let samples: SampleTable
    private let lastDuration: Int

    /// The bytes of all entries.
    var byteCount: Int { count * kind.entryByteCount }

    /// The tables that a movie has of samples, in their order.
    ///
    /// - Parameters:
    ///   - samples: The samples.
    ///   - end: When the track ends, in ticks.
    /// - Returns: The tables.
    static func tables(of samples: SampleTable, end: Int) -> [SampleEntries] {
        let lastDuration = samples.last.map { max(end - $0.decodeTime, 1) } ?? 0
        var counts = (durations: 0, offsets: 0, chunks: 0, chunkRuns: 0)
        var (hasOffsets, isFar) = (false, false)
        samples.forEachDuration(last: lastDuration) { _ in counts.durations += 1 }
        samples.forEachOffset { run in
            counts.offsets += 1
            hasOffsets = hasOffsets || run.value != 0
        }
        samples.forEachChunk { chunk in
            counts.chunks += 1
            isFar = chunk.place > UInt32.max
        }
        samples.forEachChunkRun { _ in counts.chunkRuns += 1 }
        var tables: [(Kind, Int)] = [(.durations, counts.durations)]
        if hasOffsets { tables.append((.compositionOffsets, counts.offsets)) }
        // Without this table decoding can start at each.
        if samples.keyCount < samples.count { tables.append((.keys, samples.keyCount)) }
        tables.append((.chunkRuns, counts.chunkRuns))
        tables.append((.sizes, samples.count))
        tables.append((isFar ? .farChunks : .chunks, counts.chunks))
        return tables.map { kind, count in
            SampleEntries(kind: kind, count: count, samples: samples, lastDuration: lastDuration)
        }
    }

    /// Writes the entries.
    func write(to file: inout BoxPieces) throws {
        switch kind {
        case .durations: try samples.forEachDuration(last: lastDuration) { try Self.put($0, into: &file) }
        case .compositionOffsets: try samples.forEachOffset { try Self.put($0, into: &file) }
        case .keys:
            var number: UInt32 = 0
            try samples.forEach { sample in
                number += 1
                if sample.isKey { try file.put { $0.put(number) } }
            }
        case .chunkRuns:
            try samples.forEachChunkRun { run in
                try file.put { entry in
                    entry.put(UInt32(clamping: run.firstChunk))
                    entry.put(UInt32(clamping: run.samplesPerChunk))
                    entry.put(UInt32(clamping: run.description))
                }
            }
        case .sizes: try samples.forEach { sample in try file.put { $0.put(UInt32(clamping: sample.size)) } }
        case .chunks: try samples.forEachChunk { chunk in try file.put { $0.put(UInt32(clamping: chunk.place)) } }
        case .farChunks: try samples.forEachChunk { chunk in try file.put { $0.put(UInt64(chunk.place)) } }
        }
    }

    private static func put(_ run: SampleTable.Run, into file: inout BoxPieces) throws {
        try file.put { entry in
            entry.put(UInt32(clamping: run.count))
            entry.put(UInt32(bitPattern: Int32(clamping: run.value)))
        }
    }
}
