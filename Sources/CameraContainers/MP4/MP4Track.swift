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
    /// The description of the last picture, from 1.
    private var current = 1
    /// How long the last picture of a file is shown, and each until the next one came, in ticks.
    let nominalDuration: Int
    private(set) var samples = SampleTable()
    /// When a decoder needs the last picture that was written, in ticks.
    var lastDecodeTime: Int?

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
        guard let sets, sets != descriptions[current - 1], sets.configuration != nil else { return current }
        if let known = descriptions.firstIndex(of: sets) {
            current = known + 1
        } else {
            descriptions.append(sets)
            current = descriptions.count
        }
        return current
    }

    /// Whether a parameter set need not stand among the pictures: the only description has it.
    func describes(_ unit: UnsafeRawBufferPointer) -> Bool {
        descriptions.count == 1 && descriptions[0].contains(unit)
    }

    mutating func add(_ sample: SampleTable.Sample, description: Int) {
        samples.append(sample, description: description)
    }

    /// What the movie of the finished file tells of the track.
    var finished: MP4Movie.Track {
        MP4Movie.Track(
            samples: samples, descriptions: descriptions.dropFirst().map(description), nominalDuration: nominalDuration)
    }

    // MARK: Boxes

    /// The track's box in the movie of a file that is being written (14496-12, 8.3.1): it has no samples yet.
    func put(into movie: inout BoxBytes, created: UInt64) {
        movie.box("trak") { track in
            // Enabled, and part of the presentation.
            track.box("tkhd", version: 1, flags: 3) { box in
                box.put(created)
                box.put(created)
                box.put(number)
                box.put(UInt32(0))
                box.put(UInt64(0))
                box.putZeros(16)
                for value in matrix { box.put(UInt32(bitPattern: value)) }
                let (width, height) = displaySize
                box.put(width)
                box.put(height)
            }
            track.box("mdia") { media in
                media.box("mdhd", version: 1) { box in
                    box.put(created)
                    box.put(created)
                    box.put(UInt32(MP4Writer.timescale))
                    box.put(UInt64(0))
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
                        table.box("stsd", version: 0) { box in
                            box.put(UInt32(1))
                            box.put(contentsOf: description(descriptions[0]))
                        }
                        for code in ["stts", "stsc", "stco"] as [StaticString] {
                            table.box(code, version: 0) { $0.put(UInt32(0)) }
                        }
                        table.box("stsz", version: 0) { $0.put(UInt64(0)) }
                    }
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

    /// The description of pictures with certain parameter sets (14496-12, 12.1.3; 14496-15, 5.4.2 and 8.4.1), a complete box.
    private func description(_ sets: ParameterSets) -> [UInt8] {
        var file = BoxBytes()
        file.box(isH265 ? "hvc1" : "avc1") { entry in
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
            guard stream.pixelAspect != .square else { return }
            entry.box("pasp") { box in
                box.put(UInt32(stream.pixelAspect.width))
                box.put(UInt32(stream.pixelAspect.height))
            }
        }
        return file.bytes
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
}
