// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import Foundation
import Synchronization
import TestSupport
import Testing

/// Digital Negatives, judged by exiftool and LibRaw.
@Suite struct DNGTests {
    private static let size = Resolution(320, 120)

    /// Eight bars of colours that no two channels share, in parts of the largest number.
    private static let bars: [[Double]] = [
        [0.9, 0.8, 0.7], [0.8, 0.7, 0.1], [0.1, 0.6, 0.8], [0.1, 0.5, 0.2], [0.7, 0.1, 0.6], [0.6, 0.05, 0.1],
        [0.05, 0.1, 0.5], [0.02, 0.04, 0.06],
    ]

    private func sample(_ pattern: BayerPattern, _ row: Int, _ column: Int) -> UInt16 {
        let bar = Self.bars[column * 8 / Self.size.width]
        return UInt16(bar[pattern.order.color(row: row, column: column)] * Double(pattern.largest))
    }

    private func frame(_ format: PixelFormat) throws -> Frame {
        let pattern = try #require(format.bayer)
        let size = Self.size
        let byteCount = try #require(format.byteCount(of: size))
        let bytes = try #require(BytePool().take(byteCount))
        let memory = bytes.baseAddress
        for row in 0..<size.height {
            for column in 0..<size.width {
                let value = sample(pattern, row, column)
                switch (pattern.bits, pattern.isPacked) {
                case (8, _):
                    memory.storeBytes(of: UInt8(value), toByteOffset: row * size.width + column, as: UInt8.self)
                case (_, true):
                    let group = memory + row * size.width * 5 / 4 + column / 4 * 5
                    group.storeBytes(of: UInt8(value >> 2), toByteOffset: column % 4, as: UInt8.self)
                    let others = column % 4 == 0 ? 0 : group.load(fromByteOffset: 4, as: UInt8.self)
                    group.storeBytes(
                        of: others | UInt8(value & 3) << (2 * UInt8(column % 4)), toByteOffset: 4, as: UInt8.self)
                default:
                    memory.storeBytes(
                        of: value.littleEndian, toByteOffset: 2 * (row * size.width + column), as: UInt16.self)
                }
            }
        }
        let info = FrameInfo(
            timestamp: .now, wallTime: WallTime(nanosecondsSince1970: 1_700_000_000_000_000_000), sequence: 0)
        return Frame(packed: format, size: size, color: .sRGB, info: info, bytes: bytes)
    }

    /// The file of a frame.
    private func write(_ format: PixelFormat, _ folder: TemporaryFolder) throws -> String {
        let codec = try Codecs.make(for: .dng)
        let frame = try frame(format)
        let files = Mutex<[[UInt8]]>([])
        let sets = try codec.configure(
            CodecConfiguration(
                format: .dng, inputFormat: format, size: frame.size, frameRate: 30, color: frame.color)
        ) { result in
            guard case .success(let picture) = result else { return }
            files.withLock { $0.append(picture.bytes.span.withUnsafeBytes { Array($0) }) }
        }
        #expect(sets.isEmpty)
        try codec.encode(frame, index: 0, asKeyFrame: true)
        try codec.drain()
        codec.close()
        let path = folder.path("\(format.name).dng")
        try Data(try #require(files.withLock { $0.first })).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test(arguments: PixelFormat.bayerFormats) func tagsAreRead(format: PixelFormat) throws {
        let folder = try TemporaryFolder()
        let pattern = try #require(format.bayer)
        let path = try write(format, folder)
        let names = [
            "FileType", "ImageWidth", "ImageHeight", "BitsPerSample", "CFAPattern2", "WhiteLevel", "BlackLevel",
            "DNGVersion",
            "UniqueCameraModel", "ColorMatrix1", "AsShotNeutral", "CalibrationIlluminant1", "PhotometricInterpretation",
        ]
        let result = try run("exiftool", ["-s3", "-n"] + names.map { "-\($0)" } + [path])
        let letters = Array(format.name.prefix(4)).map { ["r": "0", "g": "1", "b": "2"][$0] ?? "?" }
        #expect(
            result.text.split(separator: "\n").map(String.init) == [
                "DNG", "320", "120", pattern.bits == 8 ? "8" : "16", letters.joined(separator: " "),
                "\(pattern.largest)", "0", "1 4 0 0", "swift-camera \(format.name)",
                "3.2406 -1.5372 -0.4986 -0.9689 1.8758 0.0415 0.0557 -0.204 1.057", "1 1 1", "21", "32803",
            ])
        let complaints = try run("exiftool", ["-validate", "-warning", "-a", "-s3", path])
        #expect(complaints.text == "OK\n", "\(complaints.text)")
        let date = try run("exiftool", ["-s3", "-d", "%s", "-ModifyDate", path])
        #expect(date.text == "1700000000\n")
    }

    @Test(arguments: PixelFormat.bayerFormats) func samplesAreExact(format: PixelFormat) throws {
        let folder = try TemporaryFolder()
        let pattern = try #require(format.bayer)
        let path = try write(format, folder)
        let result = try run("unprocessed_raw", [path])
        #expect(result.status == 0, "\(result.errors)")
        let picture = try PortableMap(Data(contentsOf: URL(fileURLWithPath: path + ".pgm")))
        #expect(picture.size == Self.size && picture.channels == 1)
        var wrong = 0
        for row in 0..<Self.size.height {
            for column in 0..<Self.size.width where picture[row, column, 0] != Int(sample(pattern, row, column)) {
                wrong += 1
            }
        }
        #expect(wrong == 0)
    }

    /// With and without the matrix and the white balance of the file, which are those of sRGB.
    @Test(arguments: PixelFormat.bayerFormats, [["-o", "0", "-r", "1", "1", "1", "1"], ["-o", "1", "-w"]])
    func colorsAreThoseOfTheChart(format: PixelFormat, options: [String]) throws {
        let folder = try TemporaryFolder()
        let path = try write(format, folder)
        let result = try run("dcraw_emu", ["-4", "-q", "0", "-c", "0"] + options + [path])
        #expect(result.status == 0, "\(result.errors)")
        let picture = try PortableMap(Data(contentsOf: URL(fileURLWithPath: path + ".ppm")))
        #expect(picture.size == Self.size && picture.channels == 3)
        for (index, bar) in Self.bars.enumerated() {
            for channel in 0..<3 {
                let part = Double(picture[60, index * 40 + 20, channel]) / 65535
                #expect(abs(part - bar[channel]) < 0.01, "bar \(index), channel \(channel): \(part)")
            }
        }
    }

    @Test func optionsAndOtherLayoutsAreRefused() throws {
        var configuration = CodecConfiguration(
            format: .dng, inputFormat: .rgb24, size: Self.size, frameRate: 30, color: .sRGB)
        #expect(
            #expect(throws: CameraError.self) { try Codecs.make(for: .dng).configure(configuration) { _ in } }?.code
                == .invalidValue)
        configuration.inputFormat = .rggb8
        configuration.options.quality = 5
        #expect(throws: CameraError.self) { try Codecs.make(for: .dng).configure(configuration) { _ in } }
    }

    @Test func formatIsKnownByItsNames() throws {
        #expect(try MediaFormat(forFile: "a.DNG", among: MediaFormat.image) == .dng)
        #expect(try MediaFormat(named: "image/x-adobe-dng", among: MediaFormat.image) == .dng)
        #expect(throws: CameraError.self) { try MediaFormat(named: "dng", among: MediaFormat.video) }
    }
}
