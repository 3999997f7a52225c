// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// Channels that a camera feeds.
@Suite struct ChannelLinkTests {
    private static let size = Resolution(160, 120)

    private func camera(_ frameLimit: Int) throws -> Camera {
        try Camera(
            .source(
                try TestCamera(
                    resolution: Self.size, frameRate: 30, pacing: .none, numbered: true, frameLimit: frameLimit)))
    }

    /// All that comes out of a channel until its camera has ended.
    private func receiveAll(_ channel: EncoderChannel) throws -> Data {
        var data = Data()
        while let stream = try channel.receive() { data += stream.bytes.span.withUnsafeBytes { Data($0) } }
        return data
    }

    /// A source that can wait is held back by whoever receives slowest.
    @Test func severalChannelsGetEveryFrame() throws {
        let camera = try camera(100)
        defer { camera.close() }
        let sizes = [Self.size, Resolution(320, 240)]
        let channels = try sizes.map { try EncoderChannel(ChannelAttributes(format: .mjpeg, size: $0, quality: 95)) }
        for channel in channels { try channel.start() }
        let links = try channels.map { try camera.link(to: $0) }
        let folder = try TemporaryFolder()
        let files = Monitor<[Int: Data]>([:])
        let receivers = try channels.enumerated().map { number, channel in
            try WorkerThread("receiver\(number)") {
                let data = try? receiveAll(channel)
                files.update { $0[number] = data ?? Data() }
            }
        }
        for receiver in receivers { receiver.join() }
        for (number, size) in sizes.enumerated() {
            let path = folder.path("\(number).mjpeg")
            try #require(files.withLock { $0[number] }).write(to: URL(fileURLWithPath: path))
            let video = try NumberedVideo(decoding: path, size: size, input: ["-f", "mjpeg"])
            #expect(video.complaints == "")
            // The first is linked before the second; nothing is lost from then on.
            let count = number == 0 ? 100 : video.numbers.count
            #expect(count > 0)
            #expect(video.numbers == (100 - UInt32(count)..<100).map { $0 })
        }
        #expect(links.map(\.framesDropped) == [0, 0])
        #expect(links.allSatisfy { $0.error == nil })
    }

    @Test func aLiveCameraDropsForAChannelThatNobodyEmpties() throws {
        let source = LiveSource()
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let channel = try EncoderChannel(
            ChannelAttributes(format: .mjpeg, size: camera.resolution, outputBufferCount: 2))
        try channel.start()
        let link = try camera.link(to: channel)
        #expect(
            eventually {
                source.sendFrame()
                return link.framesDropped > 20
            })
        link.end()
        // As many as there may be, and those that were inside the codec meanwhile.
        #expect(channel.pendingCount >= 2 && channel.pendingCount < 20)
        #expect(link.error == nil)
    }

    @Test func aLinkEndsWithItsChannel() throws {
        let camera = try camera(.max)
        defer { camera.close() }
        let channel = try EncoderChannel(ChannelAttributes(format: .mjpeg, size: Self.size))
        try channel.start()
        let link = try camera.link(to: channel)
        #expect(try channel.receive() != nil)
        channel.close()
        #expect(eventually { link.error?.code == .closed })
        link.end()
        // The camera is free for others.
        let output = MemoryOutput()
        try camera.capture(to: .output(output), format: .jpeg)
        #expect(!output.data.isEmpty)
    }

    /// The order of the manual: link, then start; frames before that are none of the channel's.
    @Test func aChannelMayBeLinkedBeforeItIsStarted() throws {
        let camera = try camera(60)
        defer { camera.close() }
        let channel = try EncoderChannel(ChannelAttributes(format: .mjpeg, size: Self.size, quality: 95))
        let link = try camera.link(to: channel)
        #expect(link.framesDropped == 0 && link.error == nil)
        try channel.start()
        let folder = try TemporaryFolder()
        try receiveAll(channel).write(to: folder.file("out.mjpeg"))
        let video = try NumberedVideo(decoding: folder.path("out.mjpeg"), size: Self.size, input: ["-f", "mjpeg"])
        #expect(video.numbers == (0..<60).map { $0 })
        #expect(link.error == nil)
        channel.close()
        #expect(throws: CameraError.self) { try camera.link(to: channel) }
    }

    @Test func aLinkThatEndedBeforeTheStartFeedsNothing() throws {
        let camera = try camera(.max)
        defer { camera.close() }
        let channel = try EncoderChannel(ChannelAttributes(format: .mjpeg, size: Self.size))
        let link = try camera.link(to: channel)
        link.end()
        try channel.start()
        #expect(try channel.receive(timeout: .milliseconds(200)) == nil)
        #expect(link.framesDropped == 0)
    }

    /// What is done to a recording's pictures is done to those of a channel.
    @Test(arguments: [false, true]) func aChannelGetsTheStyleOfItsPort(ofAll: Bool) throws {
        let camera = try camera(.max)
        defer { camera.close() }
        try camera.changeStyle(splitterPort: ofAll ? nil : 2) {
            $0.transform = Transform(rotation: .clockwise90)
            $0.colorEffects = .blackAndWhite
        }
        let turned = Resolution(Self.size.height, Self.size.width)
        let channel = try EncoderChannel(ChannelAttributes(format: .mjpeg, size: turned, quality: 95))
        let link = try camera.link(to: channel, splitterPort: 2)
        try channel.start()
        let stream = try #require(try channel.receive())
        let linked = stream.bytes.span.withUnsafeBytes { Data($0) }
        // First the channel: nobody makes room in it any more, and ending the link waits for the frame that it sends.
        channel.close()
        link.end()
        // The first frame of a recording with the same style, as the camera makes the same pictures again.
        let folder = try TemporaryFolder()
        try linked.write(to: folder.file("linked.jpg"))
        let other = try self.camera(.max)
        defer { other.close() }
        try other.changeStyle {
            $0.transform = Transform(rotation: .clockwise90)
            $0.colorEffects = .blackAndWhite
        }
        let output = MemoryOutput()
        try other.startRecording(
            to: .output(output), format: .mjpeg, options: EncoderOptions { $0.quality = 95 })
        #expect(eventually { !output.data.isEmpty })
        try other.stopRecording()
        #expect(output.data.withUnsafeBytes { Data($0) }.starts(with: linked))
    }
}
