// SPDX-License-Identifier: MIT

import CameraCore
import Testing

struct CodedPictureTests {
    private func picture(_ bytes: [UInt8], isH265: Bool = false) -> CodedPicture? {
        bytes.withUnsafeBytes { CodedPicture($0, isH265: isH265) }
    }

    private let sps: [UInt8] = [0, 0, 0, 1, 0x67, 0x42, 0xC0]
    private let pps: [UInt8] = [0, 0, 1, 0x68, 0xCE]
    private let delimiter: [UInt8] = [0, 0, 0, 1, 0x09, 0xF0]
    private let message: [UInt8] = [0, 0, 1, 0x06, 0x05, 0x80]
    private let idr: [UInt8] = [0, 0, 1, 0x65, 0x88, 0x84]
    private let other: [UInt8] = [0, 0, 0, 1, 0x41, 0x9A, 0x00, 0x00, 0x03, 0x01]

    @Test func aKeyFrameHasItsParameterSetsCounted() throws {
        let found = try #require(picture(sps + pps + message + idr))
        #expect(found.isKeyFrame && found.hasSlice)
        #expect(found.headerByteCount == (sps + pps + message).count)
        #expect(found.parameterSets == [0..<7, 7..<12])
        #expect(found.insertionPoint == 0)
    }

    @Test func aKeyFrameWithoutParameterSetsHasNoHeader() throws {
        let found = try #require(picture(delimiter + message + idr))
        #expect(found.isKeyFrame)
        #expect(found.headerByteCount == 0)
        #expect(found.parameterSets == [])
        #expect(found.insertionPoint == delimiter.count)
    }

    @Test func otherPicturesAreNoKeyFrames() throws {
        for bytes in [other, delimiter + other, message + other] {
            let found = try #require(picture(bytes))
            #expect(!found.isKeyFrame && found.hasSlice)
            #expect(found.headerByteCount == 0)
        }
    }

    /// An I picture of an open group: B pictures behind it may need what is before.
    ///
    /// The message stands behind another one,
    /// with a byte that keeps start codes out.
    @Test func recoveryPointsAreStarts() throws {
        let recovery: [UInt8] = [0, 0, 1, 0x06, 0x05, 0x04, 0x00, 0x00, 0x03, 0x00, 0x01, 0x06, 0x01, 0xC4, 0x80]
        for bytes in [recovery + other, delimiter + sps + pps + recovery + other] {
            let found = try #require(picture(bytes))
            #expect(found.isKeyFrame && found.lineage == .start(isOpen: true))
        }
        #expect(try #require(picture(recovery + idr)).lineage == .start(isOpen: false))
        // Of H.265: IRAP pictures are starts anyway, others by the message.
        let unit: [UInt8] = [0, 0, 1, 0x02, 0x01, 0xD0]
        let message: [UInt8] = [0, 0, 1, 0x4E, 0x01, 0x06, 0x01, 0xC4, 0x80]
        #expect(picture(message + unit, isH265: true)?.lineage == .start(isOpen: false))
        #expect(picture(unit, isH265: true)?.lineage == .trailing)
        // Cut off at any place they are no starts, or starts, but nothing traps.
        for count in 0..<recovery.count { _ = picture(Array(recovery.prefix(count)) + idr) }
    }

    /// Slices that begin with macroblock 0, by type: P and I are trailing, B may need what is before a start.
    @Test func slicesOfBPicturesAreLeading() throws {
        // "1" for macroblock 0, then the type in Exp-Golomb code: 0 "1", 1 "010", 2 "011", 5 "00110", 6 "00111".
        for (byte, lineage) in [
            (UInt8(0b1100_0000), Lineage.trailing), (0b1010_0000, .leading(needsEarlier: true)),
            (0b1011_0000, .trailing), (0b1001_1000, .trailing), (0b1001_1100, .leading(needsEarlier: true)),
        ] {
            #expect(picture([0, 0, 1, 0x41, byte, 0x80])?.lineage == lineage)
        }
        #expect(picture([0, 0, 1, 0x41])?.lineage == .trailing)
        #expect(picture([0, 0, 1, 0x41, 0, 0, 0, 0, 0])?.lineage == .trailing)
    }

    @Test func leadingPicturesAreLeftOutBehindAnOpenStart() {
        var filter = StartFilter()
        let leading = Lineage.leading(needsEarlier: true)
        let before = filter.admits(leading)
        filter.begin(with: .start(isOpen: true))
        let behind = [leading, .leading(needsEarlier: false), leading, .trailing, leading].map { filter.admits($0) }
        filter.begin(with: .start(isOpen: false))
        let closed = filter.admits(leading)
        #expect(before)
        #expect(behind == [false, true, false, true, true])
        #expect(closed)
    }

    @Test func parameterSetsAloneAreNoPicture() throws {
        let found = try #require(picture(sps + pps))
        #expect(!found.hasSlice && !found.isKeyFrame)
        #expect(found.parameterSets == [0..<7, 7..<12])
    }

    /// Types by ITU-T H.265, table 7-1: 32 to 34 parameter sets, 19 IDR, 21 CRA, 1 an ordinary picture, 8 a leading one.
    @Test func piecesOfH265AreTold() throws {
        func unit(_ type: UInt8) -> [UInt8] { [0, 0, 0, 1, type << 1, 1, 0xAA] }
        let sets = unit(32) + unit(33) + unit(34)
        for type: UInt8 in [16, 19, 20, 21] {
            let found = try #require(picture(unit(35) + sets + unit(39) + unit(type), isH265: true))
            #expect(found.isKeyFrame)
            #expect(found.headerByteCount == 35)
            #expect(found.parameterSets == [7..<14, 14..<21, 21..<28])
            #expect(found.insertionPoint == 7)
        }
        for type: UInt8 in [0, 1, 8, 9] { #expect(picture(unit(type), isH265: true)?.isKeyFrame == false) }
    }

    @Test(arguments: [
        [], [0, 0, 1], [0, 0, 0, 1], [1, 2, 3, 4, 5], [0, 0, 0, 5, 0x65, 1, 2, 3], [9, 0, 0, 1, 0x65],
    ])
    func whatIsNoByteStreamIsRefused(bytes: [UInt8]) {
        #expect(picture(bytes) == nil)
    }

    /// Whatever the bytes are, reading them stays within them.
    @Test func everyBeginningOfAStreamCanBeRead() {
        let stream = delimiter + sps + pps + message + idr + other
        for count in 0...stream.count { _ = picture(Array(stream.prefix(count))) }
    }
}
