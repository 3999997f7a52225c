// SPDX-License-Identifier: MIT

import CameraCore
import CameraOutputs
import Foundation
import TestSupport
import Testing

/// Outputs with a queue and a thread of their own.
@Suite struct QueuedOutputTests {
    private static let soon = Reopening.backoff(from: .milliseconds(1), to: .milliseconds(4))

    @Test func writesAllThatComesAndCompletesTheOutput() throws {
        let output = GatedOutput()
        output.open()
        let states = States()
        let queued = QueuedOutput(name: "file") { output }
        queued.onChange { states.note($0) }
        try queued.begin(Pictures.stream())
        let letters = String(repeating: "Kfffffffff", count: 200)
        try queued.take(letters)
        try queued.end()
        #expect(text(output.data) == letters.replacing("K", with: "hkk"))
        #expect(output.hasEnded)
        #expect(queued.packetsDropped == 0)
        #expect(states.text == "connecting, running, ended")
    }

    @Test func isUsedForOneRecordingAfterTheOther() throws {
        let outputs = Monitor([MemoryOutput]())
        let queued = QueuedOutput(name: "file") {
            let output = MemoryOutput()
            outputs.withLock { $0.append(output) }
            return output
        }
        for _ in 0..<3 {
            try queued.begin(Pictures.stream(parameterSets: Array("s".utf8)))
            let busy = #expect(throws: CameraError.self) { try queued.begin(Pictures.stream()) }
            #expect(busy?.code == .busy)
            try queued.take("kf")
            try queued.end()
        }
        #expect(outputs.withLock { $0.map { text($0.data) } } == ["skkf", "skkf", "skkf"])
        try queued.close()
        let closed = #expect(throws: CameraError.self) { try queued.begin(Pictures.stream()) }
        #expect(closed?.code == .closed)
    }

    @Test func aSlowOutputLosesPicturesUpToAKeyFrameThatIsAskedForOnce() throws {
        let gate = GatedOutput()
        let asked = Monitor(0)
        let queued = QueuedOutput(name: "slow", byteLimit: 3) { gate }
        var stream = Pictures.stream()
        stream.keyFrameRequest = { asked.update { $0 += 1 } }
        try queued.begin(stream)
        try queued.take("K")
        gate.waitUntilEntered()
        try queued.take("fff" + "ff", from: 1)
        #expect(queued.packetsDropped == 2)
        #expect(asked.withLock { $0 } == 0)
        gate.open()
        // Once there is room again.
        asked.wait { $0 > 0 ? () : nil }
        try queued.take("ffkf", from: 6)
        try queued.end()
        #expect(text(gate.data) == "hkkfffkkf")
        #expect(queued.packetsDropped == 4)
        #expect(asked.withLock { $0 } == 1)
    }

    @Test func picturesWaitForNoLongerThanTheLimit() throws {
        let gate = GatedOutput()
        let queued = QueuedOutput(name: "slow", durationLimit: .seconds(2)) { gate }
        try queued.begin(Pictures.stream())
        func put(_ letter: String, second: Int) throws {
            var info = Pictures.info(Int64(second), letter == "f" ? .predicted : .key)
            info.sensorTime = Timestamp(nanoseconds: Int64(second) * 1_000_000_000)
            try queued.put(letter, info)
        }
        try put("k", second: 0)
        gate.waitUntilEntered()
        for second in 1...6 { try put("f", second: second) }
        // The first is being written; those of seconds 1 to 3 wait.
        #expect(queued.packetsDropped == 3)
        gate.open()
        try queued.end()
        #expect(text(gate.data) == "kfff")
    }

    @Test func waitsForRoomWhereTold() throws {
        let gate = GatedOutput()
        let queued = QueuedOutput(name: "slow", byteLimit: 3, whenFull: .wait) { gate }
        try queued.begin(Pictures.stream())
        try queued.take("K")
        gate.waitUntilEntered()
        let isWritten = Monitor(false)
        let writer = try WorkerThread("test-write") {
            _ = try? queued.take("fffffffff", from: 1)
            isWritten.update { $0 = true }
        }
        // It cannot be done while the gate is closed: three bytes wait at most.
        #expect(!isWritten.withLock { $0 })
        gate.open()
        writer.join()
        try queued.end()
        #expect(text(gate.data) == "hkkfffffffff")
        #expect(queued.packetsDropped == 0)
    }

    @Test func anOutputThatCannotBeOpenedIsOpenedLaterAndGetsWhatWaited() throws {
        let output = MemoryOutput()
        let attempts = Monitor(0)
        let states = States()
        let queued = QueuedOutput(name: "away", reopening: Self.soon) {
            let attempt = attempts.update { attempts in
                attempts += 1
                return attempts
            }
            if attempt < 4 { throw ForeignError(number: attempt) }
            return output
        }
        queued.onChange { states.note($0) }
        try queued.begin(Pictures.stream())
        try queued.take("Kff")
        states.wait(for: "running")
        try queued.end()
        #expect(text(output.data) == "hkkff")
        #expect(queued.packetsDropped == 0)
        let failing = String(repeating: "connecting, failed, ", count: 3)
        #expect(states.text == failing + "connecting, running, ended")
    }

    @Test func anOutputThatBreaksGoesOnWithAKeyFrame() throws {
        let first = BreakingOutput(after: 3)
        let second = MemoryOutput()
        let states = States()
        let opened = Monitor(0)
        let queued = QueuedOutput(name: "broken", reopening: Self.soon) {
            let count = opened.update { count in
                count += 1
                return count
            }
            return count == 1 ? first as any Output : second
        }
        queued.onChange { states.note($0) }
        let asked = Monitor(0)
        var stream = Pictures.stream(parameterSets: Array("s".utf8))
        stream.keyFrameRequest = { asked.update { $0 += 1 } }
        try queued.begin(stream)
        try queued.take("kfff")
        // What was left of the queue needs what did not arrive, so that a key frame is asked for.
        try queued.take("f", from: 4)
        asked.wait { $0 > 0 ? () : nil }
        try queued.take("fkf", from: 5)
        try queued.end()
        #expect(text(first.data) == "skkff")
        #expect(text(second.data) == "skkf")
        #expect(queued.packetsDropped == 3)
    }

    @Test func anOutputThatFailedForGoodThrows() throws {
        let states = States()
        let queued = QueuedOutput(name: "gone") { throw ForeignError(number: 7) }
        queued.onChange { states.note($0) }
        try queued.begin(Pictures.stream())
        states.wait(for: "failed")
        let error = #expect(throws: CameraError.self) {
            // The state is told before the error is stored.
            for index in 0..<1_000_000 { try queued.take("k", from: index) }
        }
        #expect(error?.subject == "gone")
        #expect(error?.underlying as? ForeignError == ForeignError(number: 7))
        #expect(throws: CameraError.self) { try queued.end() }
    }

    @Test func theEndDoesNotWaitForAnOutputThatIsAway() throws {
        let states = States()
        let queued = QueuedOutput(
            name: "away", reopening: .backoff(from: .seconds(3600), to: .seconds(3600)), stopTimeout: .seconds(3600)
        ) { throw ForeignError(number: 1) }
        queued.onChange { states.note($0) }
        try queued.begin(Pictures.stream())
        try queued.take("kff")
        states.wait(for: "failed")
        // It was there at no time: nothing is in it, which must not pass for a success.
        let error = #expect(throws: CameraError.self) { try queued.end() }
        #expect(error?.underlying as? ForeignError == ForeignError(number: 1))
        #expect(queued.packetsDropped == 3)
    }

    @Test func anOutputThatStandsStillIsGivenUpAtTheEnd() throws {
        let gate = GatedOutput()
        let queued = QueuedOutput(name: "stuck", stopTimeout: .milliseconds(50)) { gate }
        try queued.begin(Pictures.stream())
        try queued.take("kff")
        gate.waitUntilEntered()
        let error = #expect(throws: CameraError.self) { try queued.end() }
        #expect(error?.code == .timedOut)
        #expect(error?.subject == "stuck")
        #expect(queued.packetsDropped == 2)
        gate.open()
    }

    @Test func aFileWithoutAPictureIsTakenBack() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.h264")
        let queued = QueuedOutput(name: path) { try FileOutput(path: path) }
        try queued.begin(Pictures.stream())
        try queued.end()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    /// Outputs that fail and dawdle by chance: each picture was written or counted, and each part decodes by itself.
    @Test(arguments: 0..<20) func storm(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let parts = Monitor([[Int64]]())
        let chance = Monitor(SeededRandom(seed: seed + 1000))
        let limit = Int.random(in: 1...40, using: &random)
        let queued = QueuedOutput(name: "storm", byteLimit: limit, reopening: Self.soon) {
            if chance.withLock({ Int.random(in: 0..<3, using: &$0) }) == 0 { throw ForeignError(number: 1) }
            parts.withLock { $0.append([]) }
            return ClosureOutput { _, info in
                let luck = chance.withLock { Int.random(in: 0..<100, using: &$0) }
                if luck == 0 { throw ForeignError(number: 2) }
                if luck < 30 { for _ in 0..<luck { sched_yield() } }
                parts.withLock { $0[$0.count - 1].append(info.index) }
            }
        }
        let wantsKeyFrame = Monitor(false)
        var stream = Pictures.stream()
        stream.keyFrameRequest = { wantsKeyFrame.update { $0 = true } }
        try queued.begin(stream)
        let count = 3000
        var keys: Set<Int64> = []
        for index in 0..<count {
            let isWanted = wantsKeyFrame.update { wanted in
                defer { wanted = false }
                return wanted
            }
            let isKey = index == 0 || isWanted || Int.random(in: 0..<50, using: &random) == 0
            if isKey { keys.insert(Int64(index)) }
            try queued.take(isKey ? "k" : "f", from: index)
        }
        // By chance it may have been opened at no time.
        let end = Result { try queued.end() }
        let written = parts.withLock { $0 }
        if case .failure = end { #expect(written.joined().isEmpty) }
        #expect(written.joined().count + queued.packetsDropped == count)
        for part in written {
            for (position, index) in part.enumerated() {
                // What is no key frame follows the picture before it.
                let isNext = position > 0 && part[position - 1] == index - 1
                #expect(keys.contains(index) || isNext)
            }
        }
        #expect(Array(written.joined()) == written.joined().sorted())
    }
}

/// The states that an output told.
private final class States: Sendable {
    private let names = Monitor([String]())

    func note(_ state: QueuedOutput.State) {
        let name =
            switch state {
            case .connecting: "connecting"
            case .running: "running"
            case .waitingForKeyFrame: "waiting"
            case .failed: "failed"
            case .ended: "ended"
            }
        names.update { $0.append(name) }
    }

    var text: String { names.withLock { $0.joined(separator: ", ") } }

    func wait(for name: String) { names.wait { $0.contains(name) ? () : nil } }
}

/// An output that takes so many pictures and then fails.
private final class BreakingOutput: Output {
    private let state: Monitor<(left: Int, data: [UInt8])>

    init(after count: Int) { state = Monitor((count, [])) }

    var data: [UInt8] { state.withLock { $0.data } }

    func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        let copy = bytes.withUnsafeBytes { Array($0) }
        try state.withLock { state in
            guard state.left > 0 else { throw ForeignError(number: 2) }
            state.left -= 1
            state.data += copy
        }
    }
}
