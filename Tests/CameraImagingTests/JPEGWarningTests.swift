// SPDX-License-Identifier: MIT

import CameraCore
import CameraImaging
import Foundation
import TestSupport
import Testing

/// What libjpeg warns of: some of it is of no account, and some tells that a part of the picture is missing.
@Suite struct JPEGWarningTests {
    private static let size = Resolution(96, 80)
    private static let scan = 0xDA

    /// A picture with restart markers, without JFIF's where `jfif` is false.
    private func picture(_ options: [String] = ["-restart", "1"]) throws -> [UInt8] {
        let frame = try Frame.laidDown(Picture.soft(Self.size.width, Self.size.height), .rgb24)
        let ppm = Data("P6 \(Self.size.width) \(Self.size.height) 255\n".utf8) + frame.packedData
        let result = try run("cjpeg", ["-quality", "85", "-sample", "2x1"] + options, input: ppm)
        try #require(result.status == 0, "\(result.errors)")
        return [UInt8](result.output)
    }

    private func decode(_ bytes: [UInt8]) throws -> Data {
        let converter = FrameConverter(pool: BytePool())
        let frame = try Frame.jpeg(Data(bytes), Self.size)
        return try #require(try converter.convert(frame, to: .yuv422, size: Self.size, color: .jpeg)).packedData
    }

    private func fault(of bytes: [UInt8]) -> PictureFault? {
        let error = #expect(throws: CameraError.self) { try decode(bytes) }
        #expect(error?.code == .corruptData)
        return error?.underlying as? PictureFault
    }

    /// Places of the restart markers.
    private func restarts(_ bytes: [UInt8]) -> [Int] {
        bytes.indices.dropLast().filter { bytes[$0] == 0xFF && (0xD0...0xD7).contains(bytes[$0 + 1]) }
    }

    /// The places where the header's segments begin, the first of them and that of the scan too.
    private func segments(_ bytes: [UInt8]) -> [Int] {
        var places = [2]
        while bytes[places[places.count - 1] + 1] != Self.scan {
            let place = places[places.count - 1]
            places.append(place + 2 + Int(bytes[place + 2]) << 8 + Int(bytes[place + 3]))
        }
        return places
    }

    private func inserting(_ extra: [UInt8], at places: [Int], of bytes: [UInt8]) -> [UInt8] {
        var result = bytes
        for place in places.sorted(by: >) { result.insert(contentsOf: extra, at: place) }
        return result
    }

    /// Webcams put a few bytes in front of their restart markers and of the end; djpeg warns and gives the picture.
    @Test(arguments: [[0x55, 0x55, 0x55], [0x00], [UInt8](repeating: 0xA5, count: 700)] as [[UInt8]])
    func bytesBeforeMarkersTakeNothingFromThePicture(_ extra: [UInt8]) throws {
        let whole = try picture()
        let expected = try decode(whole)
        let end = whole.count - 2
        for places in [restarts(whole), [end], segments(whole), restarts(whole) + [end] + segments(whole)] {
            #expect(!places.isEmpty)
            let padded = inserting(extra, at: places, of: whole)
            // A few bytes in front of the end are taken in with the last bits.
            if places != [end] {
                #expect(try run("djpeg", [], input: Data(padded)).errors.contains("extraneous bytes"))
            }
            #expect(try decode(padded) == expected)
        }
    }

    @Test func headersThatLibjpegDoesNotKnowTakeNothingFromThePicture() throws {
        let whole = try picture()
        let expected = try decode(whole)
        var revised = whole
        let jfif = segments(whole)[0] + 9
        #expect(whole[jfif] == 1)
        revised[jfif] = 7
        #expect(try decode(revised) == expected)
        // Adobe's marker with a colour transform that there is not.
        let adobe: [UInt8] = [0xFF, 0xEE, 0, 14] + Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 9]
        let bare = Array(whole[..<2]) + adobe + Array(whole[segments(whole)[1]...])
        #expect(try decode(bare) == expected)
        // The parameters of a scan that only progressive pictures have.
        var scan = whole
        let place = segments(whole)[segments(whole).count - 1] + 12
        #expect(whole[place] == 63)
        scan[place] = 62
        #expect(try decode(scan) == expected)
    }

    @Test func missingDataIsTheReason() throws {
        let whole = try picture()
        let (first, marks) = (segments(whole)[segments(whole).count - 1] + 14, restarts(whole))
        let cut = fault(of: Array(whole[..<(whole.count / 2)]))
        #expect(cut?.kind == .incomplete)
        #expect(cut?.description == "Premature end of JPEG file")
        #expect(fault(of: Array(whole.dropLast(2)))?.kind == .incomplete)
        // A hole that the end of a row of blocks tells, and a row that is missing with its marker.
        #expect(fault(of: Array(whole[..<first]) + Array(whole[marks[0]...]))?.kind == .incomplete)
        #expect(fault(of: Array(whole[..<marks[2]]) + Array(whole[marks[4]...]))?.kind == .corrupt)
        // Ones alone are no code.
        let nonsense = Array([[UInt8]](repeating: [0xFF, 0], count: 20).joined())
        #expect(fault(of: Array(whole[..<first]) + nonsense + Array(whole[marks[0]...]))?.kind == .corrupt)
        #expect(fault(of: [])?.kind == .incomplete)
        #expect(fault(of: Array(whole.dropFirst(2)))?.kind == .malformed)
    }

    /// The first warning counts no more than those after it.
    @Test func missingDataCountsAfterAWarningOfNoAccount() throws {
        let whole = try picture()
        let padded = inserting([0x55], at: restarts(whole), of: whole)
        #expect(fault(of: Array(padded[..<(padded.count * 3 / 4)]))?.kind == .incomplete)
    }

    /// Whatever a bit of the header says, it is the picture's own fault.
    @Test func everyBitOfAHeaderIsThePicturesOwnFault() throws {
        let whole = try picture([])
        let converter = FrameConverter(pool: BytePool())
        let front = segments(whole)[segments(whole).count - 1] + 20
        var kinds: Set<PictureFault.Kind> = []
        for bit in 0..<(front * 8) {
            var bytes = whole
            bytes[bit / 8] ^= 1 << (bit % 8)
            do throws(CameraError) {
                guard let frame = try? Frame.jpeg(Data(bytes), Self.size) else { continue }
                let result = try converter.convert(frame, to: .yuv420, size: Self.size, color: .bt601)
                #expect(result?.size == Self.size)
            } catch {
                #expect(error.code == .corruptData, "bit \(bit): \(error)")
                if let fault = error.underlying as? PictureFault { kinds.insert(fault.kind) }
            }
        }
        #expect(kinds.isSuperset(of: [.malformed, .otherSize, .unsupported, .incomplete]), "\(kinds)")
    }
}
