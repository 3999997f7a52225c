// SPDX-License-Identifier: MIT

import CameraContainers
import CameraCore
import CameraOutputs
import Foundation
import TestSupport
import Testing

/// Writing what a ring holds and what follows as one recording.
@Suite struct CircularLiveTests {
    private let folder: TemporaryFolder
    private let ring: CircularOutput

    init() throws {
        folder = try TemporaryFolder()
        ring = try CircularOutput(.frames(100))
    }

    @Test func joinsBeforeAndAfter() throws {
        let path = folder.path("event.h264")
        let next = try ring.take("fKffkff")
        try ring.startWriting(to: .path(path))
        #expect(ring.isWriting)
        try ring.take("fkf", from: next)
        let (first, last) = try ring.stopWriting()
        #expect(!ring.isWriting)
        #expect(text(try contents(path)) == "hkkffkkfffkkf")
        #expect(first.index == 1)
        #expect(last.index == 9)
        #expect(ring.packetsDropped == 0)
        #expect(ring.frames.count == 10)
        // The file is let go of.
        try FileOutput(path: path).close()
    }

    @Test func startsWithinTheGivenTime() throws {
        let output = MemoryOutput()
        let next = try ring.take("Kffkff")
        try ring.startWriting(to: .output(output), last: .seconds(2))
        try ring.take("f", from: next)
        #expect(try ring.stopWriting().first.index == 3)
        #expect(text(output.data) == "kkfff")
        try output.put("still open")
    }

    @Test func startsWithTheNextKeyFrameWhenThereIsNone() throws {
        let output = MemoryOutput()
        try ring.take("ff")
        try ring.startWriting(to: .output(output))
        try ring.take("ffkfKf", from: 2)
        let (first, last) = try ring.stopWriting()
        #expect(text(output.data) == "kkfhkkf")
        #expect(first.index == 4)
        #expect(last.index == 7)
        // What came before was never to be in the file.
        #expect(ring.packetsDropped == 0)
    }

    @Test func leavesNoFileWhenNoKeyFrameCame() throws {
        let path = folder.path("event.h264")
        try ring.startWriting(to: .path(path))
        try ring.take("ff")
        let error = #expect(throws: CameraError.self) { try ring.stopWriting() }
        #expect(error?.code == .nothingToCopy)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(!ring.isWriting)
    }

    @Test func canBeStartedAgainAndAgain() throws {
        var next = 0
        for turn in 0..<20 {
            let path = folder.path("event-\(turn)")
            ring.clear()
            next = try ring.take("Kf", from: next)
            try ring.startWriting(to: .path(path))
            next = try ring.take("ff", from: next)
            let (first, last) = try ring.stopWriting()
            #expect(text(try contents(path)) == "hkkfff")
            #expect(last.index - first.index == 3)
        }
    }

    @Test func writesOneAtATime() throws {
        let first = MemoryOutput()
        let path = folder.path("second")
        try ring.take("Kf")
        try ring.startWriting(to: .output(first))
        let error = #expect(throws: CameraError.self) { try ring.startWriting(to: .path(path)) }
        #expect(error?.code == .alreadyRecording)
        #expect(!FileManager.default.fileExists(atPath: path))
        try ring.stopWriting()
        #expect(text(first.data) == "hkkf")
        let stopped = #expect(throws: CameraError.self) { try ring.stopWriting() }
        #expect(stopped?.code == .notRecording)
    }

    /// An output that tells its name by what is in the ring.
    private final class Describing: Output, CustomStringConvertible {
        private let ring: CircularOutput
        init(_ ring: CircularOutput) { self.ring = ring }
        var description: String { "behind \(ring.frames.count) pictures" }
        func write(_ bytes: RawSpan, _ info: PacketInfo) {}
    }

    /// No lock of the ring's forbids an output of the user's to look at it.
    @Test func anOutputMayAskItsRing() throws {
        try ring.take("Kf")
        try ring.startWriting(to: .output(MemoryOutput()))
        let error = #expect(throws: CameraError.self) { try ring.startWriting(to: .output(Describing(ring))) }
        #expect(error?.subject == "behind 2 pictures")
        try ring.stopWriting()
        try ring.startWriting(to: .output(Describing(ring)))
        ring.end()
        try ring.stopWriting()
    }

    @Test func aSlowOutputLosesPacketsToTheNextKeyFrameAndTheRingNone() throws {
        let ring = try CircularOutput(.frames(100), queueLimit: 3)
        let gate = GatedOutput()
        let next = try ring.take("Kff")
        try ring.startWriting(to: .output(gate))
        gate.waitUntilEntered()
        // The head counts with the ring. "fff" fit; from the next on packets are left out until a key frame, and the
        // first one finds no room either.
        try ring.take("ffffkf", from: next)
        #expect(ring.packetsDropped == 3)
        gate.open()
        gate.wait(forBytes: 8)
        try ring.take("fkf", from: next + 6)
        let (_, last) = try ring.stopWriting()
        #expect(text(gate.data) == "hkkfffffkkf")
        #expect(last.index == 11)
        #expect(ring.packetsDropped == 4)
        #expect(ring.frames.map(\.info.index) == Array(0...11))
    }

    @Test func aFailingOutputIsReportedAndTheRingGoesOn() throws {
        try ring.take("Kf")
        try ring.startWriting(to: .path("/dev/full"))
        try ring.take("ff", from: 2)
        let error = #expect(throws: CameraError.self) { try ring.stopWriting() }
        #expect(error?.systemError?.rawValue == ENOSPC)
        #expect(error?.subject == "/dev/full")
        // Every packet was either written or is counted.
        #expect(ring.packetsDropped == 4)
        #expect(ring.frames.count == 4)
        #expect(ring.writingError == nil)
        try ring.startWriting(to: .path(folder.path("good")))
        try ring.stopWriting()
        #expect(text(try contents(folder.path("good"))) == "hkkfff")
    }

    @Test func anErrorCanBeSeenBeforeStopping() throws {
        let failed = Monitor(false)
        try ring.take("K")
        try ring.startWriting(
            to: .output(
                ClosureOutput { _, _ in
                    failed.update { $0 = true }
                    throw ForeignError(number: 5)
                }))
        failed.wait { $0 ? () : nil }
        // The error is kept a moment after it is thrown.
        while ring.writingError == nil { sched_yield() }
        #expect(ring.writingError?.underlying as? ForeignError == ForeignError(number: 5))
        #expect(ring.isWriting)
        #expect(throws: CameraError.self) { try ring.stopWriting() }
    }

    @Test func anOutputThatIsStuckIsLeftBehind() throws {
        let gate = GatedOutput()
        try ring.take("Kff")
        try ring.startWriting(to: .output(gate))
        gate.waitUntilEntered()
        let error = #expect(throws: CameraError.self) { try ring.stopWriting(timeout: .milliseconds(5)) }
        #expect(error?.code == .timedOut)
        #expect(error?.subject == "GatedOutput")
        #expect(ring.packetsDropped == 2)
        // The ring is free for another.
        let output = MemoryOutput()
        try ring.startWriting(to: .output(output))
        try ring.stopWriting()
        #expect(text(output.data) == "hkkff")
        gate.open()
    }

    @Test(.timeLimit(.minutes(5)), arguments: [false, true])
    func closingLeavesALiveOutputThatIsStuck(isClosing: Bool) throws {
        let ring = try CircularOutput(.frames(10), stopTimeout: .milliseconds(50))
        let gate = GatedOutput()
        try ring.take("Kff")
        try ring.startWriting(to: .output(gate))
        gate.waitUntilEntered()
        if isClosing { ring.close() } else { ring.end() }
        #expect(ring.writingError?.code == .timedOut)
        #expect(ring.writingError?.subject == "GatedOutput")
        let error = #expect(throws: CameraError.self) { try ring.stopWriting(timeout: .seconds(600)) }
        #expect(error?.code == .timedOut)
        gate.open()
    }

    /// It takes longer than it may stand still, but goes on all the time.
    @Test func aLiveOutputThatMovesIsWaitedFor() throws {
        let ring = try CircularOutput(.frames(20), stopTimeout: .seconds(1))
        let output = MemoryOutput()
        try ring.take("Kfffffffffffff")
        try ring.startWriting(
            to: .output(
                ClosureOutput { bytes, info in
                    usleep(100_000)
                    try output.write(bytes, info)
                }))
        ring.close()
        #expect(text(output.data) == "hkk" + String(repeating: "f", count: 13))
        #expect(throws: Never.self) { try ring.stopWriting() }
    }

    @Test func stoppingFromItsOwnThreadWouldDeadlock() throws {
        let caught = Monitor<CameraError?>(nil)
        try ring.take("K")
        try ring.startWriting(
            to: .output(
                ClosureOutput { [ring] _, _ in
                    do throws(CameraError) {
                        try ring.stopWriting()
                    } catch {
                        caught.update { $0 = error }
                    }
                }))
        #expect(caught.wait { $0 }.code == .wouldDeadlock)
        try ring.stopWriting()
    }

    @Test func theEndOfTheRecordingCompletesTheFile() throws {
        let path = folder.path("event")
        try ring.begin(Pictures.stream())
        try ring.take("Kf")
        try ring.startWriting(to: .path(path))
        try ring.take("ff", from: 2)
        ring.end()
        #expect(text(try contents(path)) == "hkkfff")
        try FileOutput(path: path).close()
        #expect(text(try contents(path)) == "hkkfff")
        // Another recording is not added to it.
        try ring.begin(Pictures.stream())
        try ring.take("K")
        #expect(try ring.stopWriting().last.index == 3)
    }

    /// What was begun after the end of a recording is not continued by the next one.
    @Test func twoRecordingsAreNotMixed() throws {
        let output = MemoryOutput()
        try ring.begin(Pictures.stream())
        try ring.take("Kf")
        ring.end()
        try ring.startWriting(to: .output(output))
        try ring.begin(Pictures.stream())
        try ring.take("Kff")
        #expect(try ring.stopWriting().last.index == 1)
        #expect(text(output.data) == "hkkf")
    }

    @Test func aRingThatIsForgottenCompletesTheFile() throws {
        let gate = GatedOutput()
        var ring: CircularOutput? = try CircularOutput(.frames(10))
        try ring?.take("Kff")
        try ring?.startWriting(to: .output(gate))
        ring = nil
        gate.open()
        gate.wait(forBytes: 5)
        #expect(text(gate.data) == "hkkff")
    }

    @Test(arguments: [0, 3])
    func whatIsWrittenDecodesWithoutAGap(bFrames: Int) throws {
        let stream = try H264Stream(frames: 120, bFrames: bFrames, keyFrameInterval: 20, in: folder)
        let ring = try CircularOutput(.frames(30))
        try ring.begin(Pictures.stream(parameterSets: stream.parameterSets))
        // An encoder on a thread of its own, while this one goes live.
        let position = Monitor((count: 0, limit: 50))
        let isDone = Monitor(false)
        Thread.detachNewThread {
            for packet in stream.packets {
                position.wait { $0.count < $0.limit ? () : nil }
                #expect(throws: Never.self) { try ring.write(packet) }
                position.update { $0.count += 1 }
            }
            isDone.update { $0 = true }
        }
        position.wait { $0.count == 50 ? () : nil }
        position.update { $0.limit = .max }
        let path = folder.path("event.h264")
        try ring.startWriting(to: .path(path))
        isDone.wait { $0 ? () : nil }
        let (first, last) = try ring.stopWriting()
        let frames = stream.packets.drop { $0.info != first }
        #expect(frames.last?.info == last)
        #expect(last == stream.packets.last?.info)
        #expect(first.isKeyFrame)
        #expect(try contents(path) == frames.flatMap { $0.bytes.span.withUnsafeBytes { Array($0) } })
        #expect(try H264Stream.decode(path) == frames.count)
    }
}
