// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import CameraEncoders
import Foundation
import SystemPackage
import TestSupport
import Testing
import V4L2

/// What encodes for a channel: the same choice as for recordings.
@Suite struct ChannelCodecTests {
    private static let size = Resolution(64, 48)

    private func channel(
        _ driver: ScriptedEncoder, _ configure: (inout ChannelAttributes) -> Void = { _ in }
    ) throws -> EncoderChannel {
        var attributes = ChannelAttributes(format: .h264, size: Self.size)
        configure(&attributes)
        let calls = driver.calls
        let channel = try EncoderChannel(attributes) { (attributes) throws(CameraError) in
            try Codecs.make(
                for: attributes.format, size: attributes.size, frameRate: attributes.frameRate,
                options: attributes.encoderOptions, calls: calls)
        }
        try channel.start()
        return channel
    }

    private func driver(_ change: (inout ScriptedEncoder.Description) -> Void = { _ in }) -> ScriptedEncoder {
        ScriptedEncoder(
            ScriptedEncoder.with {
                $0.controls = ScriptedEncoder.usualControls
                change(&$0)
            })
    }

    private func array(_ stream: EncodedStream) -> [UInt8] { stream.bytes.span.withUnsafeBytes { Array($0) } }

    /// Frame by frame, as the programs of boards do it; of pictures in pieces, too.
    @Test(arguments: [1, 3]) func anEncoderOfTheKernelIsTaken(pieces: Int) throws {
        let driver = driver {
            $0.pieces = pieces
            $0.piecesWithoutNumber = 1
        }
        let channel = try channel(driver) {
            $0.bitRate = 2_000_000
            $0.keyFrameInterval = 10
            $0.profile = "high"
        }
        #expect(channel.codecName == "scripted (/dev/video11)")
        var streams: [[UInt8]] = []
        for number in 0..<25 {
            if number == 15 { try channel.setBitRate(1_000_000) }
            try channel.send(ScriptedEncoder.frame(number, Self.size), timeout: nil)
            streams.append(array(try #require(try channel.receive(timeout: .seconds(60)))))
        }
        #expect(ScriptedPicture.faults(in: streams) == [])
        let pictures = streams.compactMap(ScriptedPicture.init)
        #expect(pictures.map(\.frame) == Array(0..<25))
        #expect(pictures.first?.bitRate == 2_000_000 && pictures.last?.bitRate == 1_000_000)
        try channel.drain()
        #expect(try channel.receive() == nil)
        channel.close()
        #expect(driver.violations == [])
        #expect(driver.openCount == 0)
    }

    /// The memory of a program is its own again after the call.
    @Test func memoryThatIsLentIsNotReadAfterwards() throws {
        let channel = try channel(driver())
        defer { channel.close() }
        var bytes = [UInt8](repeating: 7, count: Self.size.pixelCount * 3 / 2)
        for number in 0..<10 {
            bytes.replaceSubrange(0..<4, with: withUnsafeBytes(of: UInt32(number)) { Array($0) })
            try channel.send(bytes.span.bytes, at: .milliseconds(33 * number), timeout: nil)
            bytes.replaceSubrange(0..<4, with: [1, 2, 3, 0])
            let stream = try #require(try channel.receive(timeout: .seconds(60)))
            #expect(ScriptedPicture(array(stream))?.frame == number)
        }
    }

    @Test func aPictureThatTheEncoderLostIsToldInItsPlace() throws {
        let channel = try channel(driver { $0.faults = [7: .damagedFrame] })
        defer { channel.close() }
        for number in 0..<12 {
            try channel.send(ScriptedEncoder.frame(number, Self.size), timeout: nil)
            if number == 7 {
                let error = #expect(throws: CameraError.self) { try channel.receive(timeout: .seconds(60)) }
                #expect(error?.code == .codec)
            } else {
                let stream = try #require(try channel.receive(timeout: .seconds(60)))
                #expect(ScriptedPicture(array(stream))?.frame == number)
            }
        }
        #expect(channel.pendingCount == 0)
    }

    @Test func aDeviceThatIsNamedAndMissingIsAnError() throws {
        var attributes = ChannelAttributes(format: .h264, size: Self.size)
        attributes.options.codecDevice = .device("/dev/video-none")
        let channel = try EncoderChannel(attributes)
        let error = #expect(throws: CameraError.self) { try channel.start() }
        #expect(error?.code == .notFound)
        #expect(channel.codecName == nil)
    }

    #if X264
    @Test func softwareAsksNoDevice() throws {
        let driver = driver()
        let channel = try channel(driver) { $0.options.codecDevice = .software }
        #expect(channel.codecName == "libx264")
        channel.close()
        #expect(driver.log == [])
    }

    @Test func aLibraryStandsInForAnEncoderThatDoesNotWork() throws {
        let driver = driver()
        driver.fail("VIDIOC_STREAMON", with: .noMemory)
        let channel = try channel(driver)
        defer { channel.close() }
        #expect(channel.codecName == "libx264")
        #expect(driver.openCount == 0)
        // And for what it cannot do.
        let other = try self.channel(self.driver()) { $0.options.preset = "fast" }
        defer { other.close() }
        #expect(other.codecName == "libx264")
    }
    #endif

    // MARK: Motion JPEG's quality

    /// The bytes of several pictures of noise, of which rate control would change the later ones.
    private func size(_ attributes: ChannelAttributes) throws -> Int {
        var attributes = attributes
        (attributes.format, attributes.size, attributes.color) = (.mjpeg, Self.size, .bt601)
        let channel = try EncoderChannel(attributes)
        defer { channel.close() }
        try channel.start()
        var random = SeededRandom(seed: 5)
        let bytes = (0..<Self.size.pixelCount * 3 / 2).map { _ in UInt8.random(in: 0...255, using: &random) }
        return try (0..<8).reduce(0) { count, number in
            try channel.send(bytes.span.bytes, at: .milliseconds(33 * number), timeout: nil)
            return try count + #require(try channel.receive()).bytes.count
        }
    }

    @Test func theQualityWinsOverTheDefaultBitRate() throws {
        let plain = try [45, 90].map { try size(ChannelAttributes(format: .mjpeg, size: Self.size, quality: $0)) }
        #expect(plain[0] < plain[1])
        #expect(try size(.k230) == plain[0])
        var better = ChannelAttributes.k230
        better.quality = 90
        #expect(try size(better) == plain[1])
        better.bitRate = 100_000
        #expect(try size(better) == plain[1])
    }

    /// As the documentation of the options says.
    @Test func attributesComeBeforeOptions() throws {
        var attributes = ChannelAttributes(format: .mjpeg, size: Self.size, quality: 90)
        attributes.options.quality = 45
        #expect(try size(attributes) == size(ChannelAttributes(format: .mjpeg, size: Self.size, quality: 90)))
        attributes.quality = nil
        #expect(try size(attributes) == size(ChannelAttributes(format: .mjpeg, size: Self.size, quality: 45)))
        attributes = ChannelAttributes(format: .h264, size: Self.size, bitRate: 1_000_000)
        attributes.options.bitRate = 2_000_000
        #expect(attributes.encoderOptions.bitRate == 1_000_000)
        attributes.bitRate = nil
        #expect(attributes.encoderOptions.bitRate == 2_000_000)
        attributes = ChannelAttributes(format: .mjpeg, size: Self.size)
        // Without any, the documented 85.
        #expect(try size(attributes) == size(ChannelAttributes(format: .mjpeg, size: Self.size, quality: 85)))
    }
}
