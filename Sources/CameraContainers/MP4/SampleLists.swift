// SPDX-License-Identifier: MIT

/// A track's samples as the tables of a movie have them: runs of equal values, and chunks of samples that lie together.
struct SampleLists {
    /// A value that several samples in a row have.
    struct Run {
        var count: UInt32
        let value: Int
    }

    /// Chunks from one on that have as many samples, of the same description.
    struct ChunkRun {
        let firstChunk: UInt32
        let samplesPerChunk: UInt32
        let description: UInt32
    }

    /// How long each sample is decoded before the next.
    private(set) var durations: [Run] = []
    /// When each is shown after it is decoded.
    private(set) var offsets: [Run] = []
    private(set) var sizes: [UInt32] = []
    /// Where each chunk begins.
    private(set) var chunks: [Int] = []
    private(set) var chunkRuns: [ChunkRun] = []

    init(_ table: SampleTable, lastDuration: Int) {
        sizes.reserveCapacity(table.count)
        var previous: SampleTable.Sample?
        var descriptions = table.descriptions[...]
        var description = 0
        var inChunk: UInt32 = 0
        table.forEach { sample in
            let isNewDescription = descriptions.first?.firstSample == sizes.count + 1
            if let previous {
                Self.add(sample.decodeTime - previous.decodeTime, to: &durations)
            }
            if isNewDescription || previous.map({ $0.offset + $0.size != sample.offset }) ?? true {
                endChunk(of: inChunk, description)
                chunks.append(sample.offset)
                inChunk = 0
            }
            if isNewDescription, let next = descriptions.popFirst() { description = next.description }
            inChunk += 1
            Self.add(sample.compositionOffset, to: &offsets)
            sizes.append(UInt32(clamping: sample.size))
            previous = sample
        }
        if previous != nil { Self.add(lastDuration, to: &durations) }
        endChunk(of: inChunk, description)
    }

    private mutating func endChunk(of count: UInt32, _ description: Int) {
        guard count > 0 else { return }
        let last = chunkRuns.last
        guard last?.samplesPerChunk != count || last?.description != UInt32(description) else { return }
        chunkRuns.append(
            ChunkRun(
                firstChunk: UInt32(clamping: chunks.count), samplesPerChunk: count, description: UInt32(description)))
    }

    private static func add(_ value: Int, to runs: inout [Run]) {
        if let last = runs.indices.last, runs[last].value == value {
            runs[last].count += 1
        } else {
            runs.append(Run(count: 1, value: value))
        }
    }
}
