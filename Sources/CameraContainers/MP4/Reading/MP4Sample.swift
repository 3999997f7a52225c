// SPDX-License-Identifier: MIT

/// A picture of a finished MP4 file.
package struct MP4Sample: Hashable {
    /// Its first byte in the file.
    package var offset = 0
    /// Its bytes.
    package var size = 0
    /// When a decoder needs it, in ticks of the track.
    package var decodeTime = 0
    /// When it is shown, in ticks of the track.
    package var time = 0
    /// Whether decoding can start at it.
    package var isKey = true
    /// The index of its description.
    package var description = 0
}

/// Puts the tables of a track together (ISO/IEC 14496-12, 8.6 and 8.7).
struct MP4SampleReader {
    private let table: [BoxFile.Head]
    private let file: BoxFile

    init(_ table: [BoxFile.Head], in file: BoxFile) {
        self.table = table
        self.file = file
    }

    /// All pictures in the order of decoding.
    func samples() throws -> [MP4Sample] {
        var samples = try sizes()
        try takeTimes(into: &samples)
        try takeOffsets(into: &samples)
        try takeKeys(into: &samples)
        try takePlaces(into: &samples)
        return samples
    }

    /// What a table has behind version and flags; nil for one that is not there.
    private func content(_ code: String) throws -> BoxReader? {
        guard let box = table.first(where: { $0.code == code }) else { return nil }
        var reader = BoxReader(bytes: try file.bytes(box.content)[...])
        guard reader.number(4) != nil else { throw file.foreign }
        return reader
    }

    private func number(_ reader: inout BoxReader, _ count: Int = 4) throws -> Int {
        guard let number = reader.number(count) else { throw file.foreign }
        return number
    }

    private func sizes() throws -> [MP4Sample] {
        guard var reader = try content("stsz") else { throw file.foreign }
        let common = try number(&reader)
        let count = try number(&reader)
        // What is wrong must not take all memory.
        let isPossible = common > 0 ? common * count <= file.byteCount : reader.bytes.count == 4 * count
        guard count <= 1 << 24, isPossible else { throw file.foreign }
        var samples = [MP4Sample](repeating: MP4Sample(), count: count)
        for index in samples.indices { samples[index].size = common > 0 ? common : try number(&reader) }
        return samples
    }

    /// Calls a closure with each picture's index and the value of its run.
    private func forEach(
        in reader: BoxReader, count: Int, _ body: (Int, Int) -> Void
    ) throws {
        var reader = reader
        var index = 0
        for _ in 0..<(try number(&reader)) {
            let length = try number(&reader)
            let value = try number(&reader)
            guard length <= count - index else { throw file.foreign }
            for _ in 0..<length {
                body(index, value)
                index += 1
            }
        }
    }

    private func takeTimes(into samples: inout [MP4Sample]) throws {
        guard let reader = try content("stts") else { throw file.foreign }
        var time = 0
        try forEach(in: reader, count: samples.count) { index, duration in
            (samples[index].decodeTime, samples[index].time) = (time, time)
            time += duration
        }
    }

    private func takeOffsets(into samples: inout [MP4Sample]) throws {
        guard let reader = try content("ctts") else { return }
        // Version 1 has numbers below 0, and those of version 0 are never as large.
        try forEach(in: reader, count: samples.count) { index, offset in
            samples[index].time += Int(Int32(truncatingIfNeeded: offset))
        }
    }

    /// Without a table, decoding can start at each.
    private func takeKeys(into samples: inout [MP4Sample]) throws {
        guard var reader = try content("stss") else { return }
        for index in samples.indices { samples[index].isKey = false }
        for _ in 0..<(try number(&reader)) {
            let key = try number(&reader)
            guard samples.indices.contains(key - 1) else { throw file.foreign }
            samples[key - 1].isKey = true
        }
    }

    private func takePlaces(into samples: inout [MP4Sample]) throws {
        let near = try content("stco")
        guard var chunks = try near ?? content("co64"), var runs = try content("stsc") else { throw file.foreign }
        let width = near == nil ? 8 : 4
        let chunkCount = try number(&chunks)
        var runCount = try number(&runs)
        var index = 0
        var run = (first: 1, samples: 0, description: 0)
        var next = try self.run(&runs, &runCount)
        for chunk in 1...max(chunkCount, 1) where chunkCount > 0 {
            if let begun = next, begun.first <= chunk {
                run = begun
                next = try self.run(&runs, &runCount)
            }
            var place = try number(&chunks, width)
            guard run.samples <= samples.count - index, place <= file.byteCount else { throw file.foreign }
            for _ in 0..<run.samples {
                (samples[index].offset, samples[index].description) = (place, run.description)
                place += samples[index].size
                index += 1
            }
        }
        guard index == samples.count else { throw file.foreign }
    }

    private func run(
        _ reader: inout BoxReader, _ left: inout Int
    ) throws -> (first: Int, samples: Int, description: Int)? {
        guard left > 0 else { return nil }
        left -= 1
        let (first, samples) = (try number(&reader), try number(&reader))
        return (first, samples, try number(&reader) - 1)
    }
}
