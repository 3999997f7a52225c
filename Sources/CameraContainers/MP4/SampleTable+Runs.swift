// SPDX-License-Identifier: MIT

/// The samples as the tables of a movie have them: runs of equal values, and chunks of samples that lie together.
extension SampleTable {
    /// A value that several samples in a row have.
    struct Run {
        var count = 0
        let value: Int
    }

    /// Samples of one description that lie together.
    struct Chunk {
        let place: Int
        var count = 0
        let description: Int
    }

    /// Chunks from one on that have as many samples, of the same description.
    struct ChunkRun {
        let firstChunk: Int
        let samplesPerChunk: Int
        let description: Int
    }

    /// Calls a closure with how long samples are decoded before the next.
    ///
    /// - Parameters:
    ///   - last: How long the last one is.
    ///   - body: Takes the runs.
    func forEachDuration(last: Int, _ body: (Run) throws -> Void) rethrows {
        var run = Run(value: 0)
        var previous: Int?
        try forEach { sample in
            if let previous { try Self.add(sample.decodeTime - previous, to: &run, body) }
            previous = sample.decodeTime
        }
        guard previous != nil else { return }
        try Self.add(last, to: &run, body)
        try body(run)
    }

    /// Calls a closure with when samples are shown after they are decoded.
    func forEachOffset(_ body: (Run) throws -> Void) rethrows {
        var run = Run(value: 0)
        try forEach { try Self.add($0.compositionOffset, to: &run, body) }
        if run.count > 0 { try body(run) }
    }

    private static func add(_ value: Int, to run: inout Run, _ body: (Run) throws -> Void) rethrows {
        if run.value != value {
            if run.count > 0 { try body(run) }
            run = Run(value: value)
        }
        run.count += 1
    }

    /// Calls a closure with each chunk.
    func forEachChunk(_ body: (Chunk) throws -> Void) rethrows {
        var chunk = Chunk(place: 0, description: 0)
        var (number, end) = (0, 0)
        var descriptions = self.descriptions[...]
        try forEach { sample in
            number += 1
            let isNewDescription = descriptions.first?.firstSample == number
            let description = isNewDescription ? descriptions.removeFirst().description : chunk.description
            if isNewDescription || sample.offset != end {
                if chunk.count > 0 { try body(chunk) }
                chunk = Chunk(place: sample.offset, description: description)
            }
            chunk.count += 1
            end = sample.offset + sample.size
        }
        if chunk.count > 0 { try body(chunk) }
    }

    /// Calls a closure with each run of chunks.
    func forEachChunkRun(_ body: (ChunkRun) throws -> Void) rethrows {
        var number = 0
        var last: (count: Int, description: Int) = (0, 0)
        try forEachChunk { chunk in
            number += 1
            guard last != (chunk.count, chunk.description) else { return }
            last = (chunk.count, chunk.description)
            try body(ChunkRun(firstChunk: number, samplesPerChunk: chunk.count, description: chunk.description))
        }
    }
}
