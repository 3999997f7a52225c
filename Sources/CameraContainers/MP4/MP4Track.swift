// SPDX-License-Identifier: MIT

internal import CameraCore

/// A track of an MP4 file: what its pictures are, and where they lie.
struct MP4Track {
    /// Its number, from 1.
    let number: UInt32
    let stream: StreamDescription
    let rotation: Int
    /// The parameter sets of each description of the pictures; the first is there from the beginning.
    private(set) var descriptions: [ParameterSets]
    /// How long the last picture of a file is shown, and each until the next one came, in ticks.
    let nominalDuration: Int
    private(set) var samples = SampleTable()

    var isH265: Bool { stream.format == .h265 }

    init(number: UInt32, _ stream: StreamDescription, _ sets: ParameterSets, rotation: Int, timescale: Int) {
        self.number = number
        self.stream = stream
        self.rotation = rotation
        descriptions = [sets]
        nominalDuration = max(
            Int(
                (Double(timescale) * Double(stream.frameRate.denominator) / Double(stream.frameRate.numerator))
                    .rounded()), 1)
    }

    /// The description of a picture, from 1; one with new parameter sets begins another.
    mutating func description(for sets: ParameterSets?) -> Int {
        guard let sets, sets.isComplete, let last = descriptions.last, sets != last else { return descriptions.count }
        if let known = descriptions.firstIndex(of: sets) { return known + 1 }
        descriptions.append(sets)
        return descriptions.count
    }

    mutating func add(_ sample: SampleTable.Sample, isKey: Bool, description: Int) {
        samples.append(sample, isKey: isKey, description: description)
    }

    /// When the track ends, from the file's beginning, in ticks.
    var end: Int { samples.lastShown + nominalDuration }

    /// How long the last sample lasts: until the end of the last picture that is shown, which may be another one.
    private var lastDuration: Int { samples.last.map { end - $0.decodeTime } ?? 0 }

    // MARK: Boxes

    /// The track's box in a movie (14496-12, 8.3.1); without samples, for a file that is being written.
    func put(into movie: inout BoxBytes, created: UInt64, hasSamples: Bool) {
        let start = samples.first?.decodeTime ?? 0
        let (end, duration) = hasSamples ? (UInt64(end), UInt64(end - start)) : (0, 0)
        movie.box("trak") { track in
            // Enabled, and part of the presentation.
            track.box("tkhd", version: 1, flags: 3) { box in
                box.put(created)
                box.put(created)
                box.put(number)
                box.put(UInt32(0))
                box.put(end)
                box.putZeros(16)
                for value in matrix { box.put(UInt32(bitPattern: value)) }
                let (width, height) = displaySize
                box.put(width)
                box.put(height)
            }
            if hasSamples, start > 0 { Self.putDelay(start, duration, into: &track) }
            track.box("mdia") { media in
                media.box("mdhd", version: 1) { box in
                    box.put(created)
                    box.put(created)
                    box.put(UInt32(MP4Writer.timescale))
                    box.put(duration)
                    // The language: undetermined, three letters of five bits each.
                    box.put(UInt16(0x55C4))
                    box.put(UInt16(0))
                }
                media.box("hdlr", version: 0) { box in
                    box.put(UInt32(0))
                    box.put(code: "vide")
                    box.putZeros(12)
                    box.put(code: "VideoHandler\0")
                }
                media.box("minf") { information in
                    information.box("vmhd", version: 0, flags: 1) { $0.putZeros(8) }
                    information.box("dinf") { data in
                        data.box("dref", version: 0) { box in
                            box.put(UInt32(1))
                            // The data is in this file.
                            box.box("url ", version: 0, flags: 1) { _ in }
                        }
                    }
                    information.box("stbl") { table in
                        putDescriptions(into: &table, hasAll: hasSamples)
                        putTables(into: &table, hasSamples: hasSamples)
                    }
                }
            }
        }
    }

    /// Has the track begin later than the file (14496-12, 8.6.6).
    private static func putDelay(_ delay: Int, _ duration: UInt64, into track: inout BoxBytes) {
        track.box("edts") { edits in
            edits.box("elst", version: 1) { box in
                box.put(UInt32(2))
                // Nothing for so long, then all of it, both as fast as it was recorded.
                for (length, start) in [(UInt64(delay), Int64(-1)), (duration, 0)] {
                    box.put(length)
                    box.put(start)
                    box.put(UInt32(1 << 16))
                }
            }
        }
    }

    /// Turns the picture clockwise about its own corner, in 16.16 and 2.30 fixed point (14496-12, 6.2.2).
    private var matrix: [Int32] {
        let one = Int32(1 << 16)
        let width = Int32(bitPattern: displaySize.width)
        let height = Int32(bitPattern: displaySize.height)
        let (a, b, c, d, x, y): (Int32, Int32, Int32, Int32, Int32, Int32) =
            switch rotation {
            case 90: (0, one, -one, 0, height, 0)
            case 180: (-one, 0, 0, -one, width, height)
            case 270: (0, -one, one, 0, 0, width)
            default: (one, 0, 0, one, 0, 0)
            }
        return [a, b, 0, c, d, 0, x, y, Int32(1 << 30)]
    }

    /// The size that the picture is shown in, in 16.16 fixed point.
    private var displaySize: (width: UInt32, height: UInt32) {
        let aspect = stream.pixelAspect
        let width = Double(stream.size.width) * Double(aspect.width) / Double(aspect.height)
        return (
            UInt32(clamping: Int((min(width, 65535) * 65536).rounded())), UInt32(clamping: stream.size.height << 16)
        )
    }

    private func putDescriptions(into table: inout BoxBytes, hasAll: Bool) {
        let descriptions = hasAll ? descriptions : Array(descriptions.prefix(1))
        table.box("stsd", version: 0) { box in
            box.put(UInt32(clamping: descriptions.count))
            for sets in descriptions {
                box.box(isH265 ? "hvc1" : "avc1") { entry in
                    entry.putZeros(6)
                    entry.put(UInt16(1))
                    entry.putZeros(16)
                    entry.put(UInt16(clamping: stream.size.width))
                    entry.put(UInt16(clamping: stream.size.height))
                    // 72 dots an inch, one frame a sample, no compressor's name, 24 bits of colour.
                    entry.put(UInt32(72 << 16))
                    entry.put(UInt32(72 << 16))
                    entry.put(UInt32(0))
                    entry.put(UInt16(1))
                    entry.putZeros(32)
                    entry.put(UInt16(24))
                    entry.put(UInt16.max)
                    entry.box(isH265 ? "hvcC" : "avcC") { $0.put(contentsOf: sets.configuration ?? []) }
                    putColor(into: &entry)
                    if stream.pixelAspect != .square {
                        entry.box("pasp") { box in
                            box.put(UInt32(stream.pixelAspect.width))
                            box.put(UInt32(stream.pixelAspect.height))
                        }
                    }
                }
            }
        }
    }

    private func putColor(into entry: inout BoxBytes) {
        guard stream.color != .unspecified else { return }
        entry.box("colr") { box in
            box.put(code: "nclx")
            box.put(UInt16(stream.color.primaries.rawValue))
            box.put(UInt16(stream.color.transfer.rawValue))
            box.put(UInt16(stream.color.matrix.rawValue))
            box.put(UInt8(stream.color.range == .full ? 0x80 : 0))
        }
    }

    /// The tables of times, sizes and places (14496-12, 8.6 and 8.7).
    private func putTables(into table: inout BoxBytes, hasSamples: Bool) {
        let lists = SampleLists(hasSamples ? samples : SampleTable(), lastDuration: lastDuration)
        table.box("stts", version: 0) { box in
            box.put(UInt32(lists.durations.count))
            for run in lists.durations {
                box.put(run.count)
                box.put(UInt32(clamping: run.value))
            }
        }
        if lists.offsets.contains(where: { $0.value != 0 }) {
            table.box("ctts", version: 1) { box in
                box.put(UInt32(lists.offsets.count))
                for run in lists.offsets {
                    box.put(run.count)
                    box.put(UInt32(bitPattern: Int32(clamping: run.value)))
                }
            }
        }
        if hasSamples, let keys = samples.syncSamples {
            table.box("stss", version: 0) { box in
                box.put(UInt32(clamping: keys.count))
                for key in keys { box.put(key) }
            }
        }
        table.box("stsc", version: 0) { box in
            box.put(UInt32(lists.chunkRuns.count))
            for run in lists.chunkRuns {
                box.put(run.firstChunk)
                box.put(run.samplesPerChunk)
                box.put(run.description)
            }
        }
        table.box("stsz", version: 0) { box in
            box.put(UInt32(0))
            box.put(UInt32(lists.sizes.count))
            for size in lists.sizes { box.put(size) }
        }
        if let last = lists.chunks.last, last > UInt32.max {
            table.box("co64", version: 0) { box in
                box.put(UInt32(lists.chunks.count))
                for chunk in lists.chunks { box.put(UInt64(chunk)) }
            }
        } else {
            table.box("stco", version: 0) { box in
                box.put(UInt32(lists.chunks.count))
                for chunk in lists.chunks { box.put(UInt32(clamping: chunk)) }
            }
        }
    }
}
