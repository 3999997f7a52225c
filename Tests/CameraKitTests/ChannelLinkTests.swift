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
        #expect(throws: CameraError.self) { try camera.link(to: channel) }
        try channel.start()
        let link = try camera.link(to: channel)
        #expect(try channel.receive() != nil)
        channel.close()
        #expect(eventually { link.error?.code == .closed })
        link.end()
        // The camera is free for others.
        let output = MemoryOutput()
        try camera.capture(to: output, format: .jpeg)
        #expect(!output.data.isEmpty)
    }
}
