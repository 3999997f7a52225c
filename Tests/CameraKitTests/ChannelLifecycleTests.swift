// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Channels and links whose camera ends, is closed, or is used by many at once.
@Suite(.timeLimit(.minutes(10))) struct ChannelLifecycleTests {
    /// A camera that fails, or is closed, ends a channel's loop with its error; what was encoded comes first.
    @Test(arguments: [true, false]) func aChannelEndsWithItsCamera(isClosed: Bool) throws {
        let source = LiveSource(size: Resolution(64, 48))
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        let channel = try EncoderChannel(ChannelAttributes(format: .mjpeg, size: Resolution(64, 48), quality: 90))
        defer { channel.close() }
        try channel.start()
        let link = try camera.link(to: channel)
        source.sendFrame()
        #expect(try channel.receive() != nil)
        source.sendFrame()
        #expect(eventually { channel.pendingCount == 1 })
        if isClosed {
            camera.close()
        } else {
            source.send(.failure(CameraError(.deviceLost, "taking frames", subject: "live")))
        }
        #expect(try channel.receive() != nil)
        let error = #expect(throws: CameraError.self) { try channel.receive() }
        #expect(error?.code == (isClosed ? .closed : .deviceLost))
        #expect(link.error?.code == error?.code)
        camera.close()
    }

    /// What became of the camera before the channel was started is told to who receives.
    @Test(arguments: [.closed, .deviceLost, nil] as [CameraError.Code?])
    func aChannelThatIsStartedLateHearsOfItsCamerasEnd(code: CameraError.Code?) throws {
        let source = LiveSource(size: Resolution(64, 48))
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        let channel = try EncoderChannel(ChannelAttributes(format: .mjpeg, size: Resolution(64, 48), quality: 90))
        defer { channel.close() }
        let link = try camera.link(to: channel)
        switch code {
        case .closed: camera.close()
        case let code?: source.send(.failure(CameraError(code, "taking frames", subject: "live")))
        case nil: source.send(.success(.ended))
        }
        #expect(eventually { (try? camera.frames()).map { _ in false } ?? true })
        try channel.start()
        if let code {
            let error = #expect(throws: CameraError.self) { try channel.receive() }
            #expect(error?.code == code)
        } else {
            #expect(try channel.receive() == nil)
        }
        #expect(link.error?.code == code)
    }

    /// Who ends a link waits for nobody who would have to receive.
    @Test func aLinkEndsThoughNobodyReceives() throws {
        let camera = try Camera(.source(NumberedSource(size: Resolution(64, 48))))
        defer { camera.close() }
        let channel = try EncoderChannel(ChannelAttributes(format: .mjpeg, size: Resolution(64, 48), quality: 90))
        defer { channel.close() }
        try channel.start()
        let link = try camera.link(to: channel)
        #expect(eventually { channel.pendingCount >= channel.attributes.outputBufferCount })
        link.end()
        #expect(link.error == nil)
    }

    /// Bit rates change while two cameras and a third sender use the channel; it lives, and counts what it leaves out.
    #if X264
    @Test func aChannelIsUsedByMany() throws {
        let size = Resolution(64, 48)
        let sources = [LiveSource(size: size), LiveSource(size: size)]
        let cameras = try sources.map { try Camera(.source($0), stallLimit: .seconds(3600)) }
        defer { for camera in cameras { camera.close() } }
        let channel = try EncoderChannel(ChannelAttributes(format: .h264, size: size, bitRate: 500_000))
        defer { channel.close() }
        try channel.start()
        let links = try cameras.map { try $0.link(to: channel) }
        let isOver = Atomic(false)
        let receiving = try WorkerThread("receiving") {
            while !isOver.load(ordering: .relaxed) { _ = try? channel.receive(timeout: .milliseconds(10)) }
        }
        try onThreads(4) { number in
            for round in 0..<1500 {
                if number < 2 {
                    sources[number].sendFrame()
                    usleep(100)
                } else {
                    do throws(CameraError) {
                        if number == 2 {
                            try channel.setBitRate(400_000 + round)
                        } else {
                            let frame = [UInt8](repeating: 90, count: size.pixelCount * 3 / 2)
                            try channel.send(frame.span.bytes, at: .milliseconds(round))
                        }
                    } catch {
                        #expect(error.code == .queueFull, "\(error)")
                    }
                }
            }
        }
        #expect(eventually { sources.allSatisfy { $0.waiting == 0 } })
        isOver.store(true, ordering: .relaxed)
        receiving.join()
        #expect(links.allSatisfy { $0.error == nil }, "\(links.map(\.error))")
    }
    #endif
}
