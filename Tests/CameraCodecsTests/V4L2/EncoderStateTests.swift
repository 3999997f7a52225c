// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import TestSupport
import Testing
import V4L2

extension ScriptedEncoder {
    /// Encoders that are as different as the document allows.
    static let kinds: [(name: String, description: Description)] = [
        ("plain", Description()), ("multi-planar", with { $0.isMultiplanar = true }),
        (
            "with a memory for each plane",
            with {
                $0.isMultiplanar = true
                $0.raw = [PixelFormat(fourCC: "NM12"), PixelFormat(fourCC: "YM12")]
            }
        ),
        ("with headers of their own", with { $0.separatesHeaders = true }),
        (
            "that goes on only by a restart", with { $0.staysAtEnd = true }
        ),
        (
            "that keeps references",
            with {
                $0.heldFrames = 2
                $0.minimumRawBuffers = 3
            }
        ),
        (
            "with few buffers",
            with {
                $0.rawBuffers = 1...2
                $0.codedBuffers = 2...2
            }
        ),
        (
            "with many buffers",
            with {
                $0.rawBuffers = 12...20
                $0.codedBuffers = 9...20
            }
        ),
    ]

    /// The suite of all encoders for this one.
    var conformance: EncoderConformance {
        let raw = description.raw.first { $0.inOneMemory == .nv12 } ?? .nv12
        return EncoderConformance(
            wish: EncoderWish(
                coded: PixelFormat(fourCC: "H264"), raw: raw, size: Resolution(64, 48), frameRate: 30),
            patience: .seconds(20), keepsState: !description.staysAtEnd,
            open: { try VideoDevice("/dev/video11", calls: self.calls) },
            frame: { Self.frame($0) })
    }
}

/// The edges of the document's state machine, by scripted encoders of all kinds.
@Suite struct EncoderStateTests {
    private func run(_ kind: Int, _ body: (EncoderConformance) throws -> Void) throws {
        let driver = ScriptedEncoder(ScriptedEncoder.kinds[kind].description)
        try body(driver.conformance)
        #expect(driver.violations.isEmpty)
        #expect(driver.mappedCount == 0)
        #expect(driver.openCount == 0)
    }

    private static let kinds = ScriptedEncoder.kinds.indices

    @Test(arguments: kinds) func openLeadsToInitialization(_ kind: Int) throws {
        try run(kind) { try $0.openLeadsToInitialization() }
    }

    @Test(arguments: kinds) func bothQueuesStreamingLeadToEncoding(_ kind: Int) throws {
        try run(kind) { try $0.bothQueuesStreamingLeadToEncoding() }
    }

    @Test(arguments: kinds) func encodingStaysEncoding(_ kind: Int) throws {
        try run(kind) { try $0.encodingStaysEncoding() }
    }

    @Test(arguments: kinds) func stopCommandLeadsToDrainAndAllDequeuedToStopped(_ kind: Int) throws {
        try run(kind) { try $0.stopCommandLeadsToDrainAndAllDequeuedToStopped() }
    }

    @Test(arguments: kinds) func codedStreamOffLeadsToResetAndOnToEncoding(_ kind: Int) throws {
        try run(kind) { try $0.codedStreamOffLeadsToResetAndOnToEncoding() }
    }

    @Test(arguments: kinds) func rawStreamOffLeadsToStoppedAndOnToEncoding(_ kind: Int) throws {
        try run(kind) { try $0.rawStreamOffLeadsToStoppedAndOnToEncoding() }
    }

    @Test(arguments: kinds) func rawStreamOffLeadsFromDrainToStopped(_ kind: Int) throws {
        try run(kind) { try $0.rawStreamOffLeadsFromDrainToStopped() }
    }

    @Test(arguments: kinds) func codedStreamOffLeadsFromDrainToReset(_ kind: Int) throws {
        try run(kind) { try $0.codedStreamOffLeadsFromDrainToReset() }
    }

    @Test(arguments: kinds) func freeingRawBuffersLeadsFromResetToInitialization(_ kind: Int) throws {
        try run(kind) { try $0.freeingRawBuffersLeadsFromResetToInitialization() }
    }

    @Test(arguments: kinds) func startCommandLeadsFromStoppedToEncoding(_ kind: Int) throws {
        try run(kind) { try $0.startCommandLeadsFromStoppedToEncoding() }
    }

    @Test(arguments: kinds) func rawStreamOnLeadsFromStoppedToEncoding(_ kind: Int) throws {
        try run(kind) { try $0.rawStreamOnLeadsFromStoppedToEncoding() }
    }

    @Test(arguments: kinds) func codedStreamOffLeadsFromStoppedToReset(_ kind: Int) throws {
        try run(kind) { try $0.codedStreamOffLeadsFromStoppedToReset() }
    }

    /// A driver without the command goes on by a restart of its raw queue.
    @Test func aDriverWithoutTheStartCommandGoesOnAllTheSame() throws {
        let driver = ScriptedEncoder()
        let encoder = StatefulEncoder(try VideoDevice("/dev/video11", calls: driver.calls))
        try encoder.allocate(try encoder.negotiate(driver.conformance.wish), .driver)
        try encoder.start()
        #expect(try encoder.beginDrain())
        while try encoder.dequeueCoded({ _ in }) {}
        #expect(encoder.state == .stopped)
        driver.fail("VIDIOC_ENCODER_CMD", with: .invalidArgument)
        try encoder.resume(by: .command)
        #expect(encoder.state == .encoding)
        #expect(driver.log.suffix(8).contains("VIDIOC_STREAMON OUTPUT"))
        try encoder.release()
        encoder.device.close()
        #expect(driver.violations.isEmpty)
    }
}

/// The document's section "Drain", by scripted encoders of all kinds.
@Suite struct EncoderDrainTests {
    private func run(_ kind: Int, _ body: (EncoderConformance) throws -> Void) throws {
        let driver = ScriptedEncoder(ScriptedEncoder.kinds[kind].description)
        try body(driver.conformance)
        #expect(driver.violations.isEmpty)
        #expect(driver.mappedCount == 0)
    }

    private static let kinds = ScriptedEncoder.kinds.indices

    @Test(arguments: kinds) func noRawBufferAtTheStopEndsTheDrainAtOnce(_ kind: Int) throws {
        try run(kind) { try $0.drainWithoutFramesIsOverAtOnce() }
    }

    @Test(arguments: kinds, [1, 2, 40]) func allFramesQueuedBeforeAreGiven(_ kind: Int, count: Int) throws {
        try run(kind) { try $0.drainGivesAllFrames(count) }
    }

    @Test(arguments: kinds) func noCodedBufferAtTheEndMakesTheNextOneTheLast(_ kind: Int) throws {
        try run(kind) { try $0.lastBufferComesWhenOneIsQueued() }
    }

    @Test(arguments: kinds) func streamOffOfTheCodedQueueCancelsTheDrain(_ kind: Int) throws {
        try run(kind) { try $0.codedStreamOffCancelsTheDrain() }
    }

    @Test(arguments: kinds) func streamOffOfTheRawQueueCompletesTheDrain(_ kind: Int) throws {
        try run(kind) { try $0.rawStreamOffCompletesTheDrain() }
    }

    @Test(arguments: kinds) func beyondTheLastBufferIsEPIPE(_ kind: Int) throws {
        try run(kind) { try $0.dequeuingBeyondTheLastBufferIsRefused() }
    }

    @Test(arguments: kinds) func stopWhileAQueueDoesNotStreamBeginsNothing(_ kind: Int) throws {
        try run(kind) { try $0.stopWithoutStreamingBeginsNothing() }
    }

    @Test(arguments: kinds, StatefulEncoder.Resumption.allCases)
    func fiftyDrainsLoseNothing(_ kind: Int, way: StatefulEncoder.Resumption) throws {
        try run(kind) { try $0.drainsAndGoesOn(50, by: way) }
    }

    /// A second STOP is not sent; one that the driver refuses with EBUSY, since a drain is under way, is none to fail at.
    @Test func stopAndStartDuringADrainAreRefused() throws {
        let driver = ScriptedEncoder(
            ScriptedEncoder.with {
                $0.codedBuffers = 1...1
                $0.separatesHeaders = false
            })
        let encoder = StatefulEncoder(try VideoDevice("/dev/video11", calls: driver.calls))
        try encoder.allocate(try encoder.negotiate(driver.conformance.wish), .driver)
        try encoder.start()
        for number in 0..<3 {
            try encoder.queue(
                ScriptedEncoder.frame(number), time: Timestamp(nanoseconds: Int64(number + 1) * 1_000_000))
        }
        #expect(try encoder.beginDrain())
        #expect(try encoder.beginDrain())
        #expect(driver.violations.isEmpty)
        #expect(throws: DeviceError("VIDIOC_ENCODER_CMD", device: "/dev/video11", .resourceBusy)) {
            try encoder.resume(by: .command)
        }
        #expect(throws: DeviceError("VIDIOC_ENCODER_CMD", device: "/dev/video11", .resourceBusy)) {
            try encoder.device.perform(.stop)
        }
        #expect(encoder.state == .drain)
        #expect(driver.violations == ["START during a drain", "STOP during a drain"])
        var count = 0
        while encoder.state == .drain {
            _ = try encoder.dequeueRaw()
            _ = try encoder.dequeueCoded { _ in count += 1 }
        }
        #expect(count == 3)
        encoder.device.close()
    }
}
